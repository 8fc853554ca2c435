using ModelCompiler.Onnx;
using ModelCompiler.Requests;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Compilation;

/// <summary>A model that was read, and every file that decides what becomes of it.</summary>
/// <param name="Model">The graph.</param>
/// <param name="Files">Their hashes: the model first, then by role and name.</param>
/// <param name="Fingerprints">Of the files beyond those that the item names, as the next build looks at them.</param>
internal sealed record CompilationSource(Model Model, IReadOnlyList<InputFile> Files, IReadOnlyList<string> Fingerprints)
{
    public InputFile File => Files[0];

    /// <summary>Whether a plan lay beside the model.</summary>
    public bool HasPlan => Files.Any(IsPlan);

    public IReadOnlyList<InputFile> FilesWithoutPlan => [.. Files.Where(file => !IsPlan(file))];

    /// <summary>Of the model, external data included.</summary>
    public long Bytes => Files.Where(file => file.Role is InputFile.ModelRole or InputFile.ExternalDataRole).Sum(file => file.Bytes);

    /// <exception cref="CompilerException">The model cannot be read, or a file cannot.</exception>
    public static CompilationSource Read(string path, ItemSettings settings)
    {
        Model model = OnnxReader.Read(path);
        IReadOnlyList<string> externalData = ExternalDataFiles.Of(model);
        // Before they are hashed, so that a file that changes meanwhile is seen by the next build.
        string[] fingerprints = [.. externalData.Select(OutputStamp.InputEntry), OutputStamp.InputEntry(PlanFile.PathOf(path))];
        return new CompilationSource(model, Hash(path, externalData, settings), fingerprints);
    }

    /// <summary>The same source after its plan was written: the next build need not look at it again.</summary>
    public CompilationSource WithPlan(string path) => this with { Fingerprints = [.. Fingerprints.SkipLast(1), OutputStamp.InputEntry(path)] };

    private static bool IsPlan(InputFile file) => file.Role == InputFile.PlanRole;

    private static List<InputFile> Hash(string model, IReadOnlyList<string> externalData, ItemSettings settings)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        List<InputFile> files = [InputFile.Of(InputFile.ModelRole, Path.GetFullPath(model), folder)];
        files.AddRange(externalData.Select(file => InputFile.Of(InputFile.ExternalDataRole, file, folder)));
        string plan = PlanFile.PathOf(model);
        if (System.IO.File.Exists(plan)) files.Add(InputFile.Of(InputFile.PlanRole, plan, folder));
        foreach (GivenSetting setting in settings.Given) files.AddRange(setting.Paths.SelectMany(path => FilesOf(setting.Name, path)));
        return files;
    }

    /// <summary>A path that leads nowhere has no content; the compilation reports it in the words of its own purpose.</summary>
    private static IEnumerable<InputFile> FilesOf(string role, string path)
    {
        if (System.IO.File.Exists(path)) return [InputFile.Of(role, path, Path.GetDirectoryName(path)!)];
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => InputFile.Of(role, file, path))
            : [];
    }
}
