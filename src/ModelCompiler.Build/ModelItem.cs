using System.Collections;
using Microsoft.Build.Framework;
using ModelCompiler.Requests;

namespace ModelCompiler.Build;

/// <summary>An <c>OptimizedModel</c> item with its paths made full.</summary>
internal sealed class ModelItem
{
    private const string NameMetadata = "Name";

    private ModelItem(string include, string name, string model, string outputDirectory, string definedIn, SortedDictionary<string, string> metadata)
    {
        Include = include;
        Name = name;
        Model = model;
        OutputDirectory = outputDirectory;
        DefinedIn = definedIn;
        Metadata = metadata;
    }

    /// <summary>The item as MSBuild knows it, such as <c>models/digits.onnx</c>.</summary>
    public string Include { get; }

    /// <summary>Base name of the outputs.</summary>
    public string Name { get; }

    /// <summary>Full path of the model.</summary>
    public string Model { get; }

    /// <summary>Full path of the directory of the item's outputs.</summary>
    public string OutputDirectory { get; }

    /// <summary>Full path of the project or import that the item was written in.</summary>
    public string DefinedIn { get; }

    /// <summary>What the item sets, without empty values and without its name.</summary>
    public SortedDictionary<string, string> Metadata { get; }

    public bool HasValidName =>
        Name.Trim() == Name && Name is not ("" or "." or "..") && Name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0
        && Name.IndexOfAny(['/', '\\', ':', '*', '?', '"', '<', '>', '|', '\n', '\r']) < 0;

    public static ModelItem Read(ITaskItem item, string projectFile, string outputRoot)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in item.CloneCustomMetadata())
        {
            if (entry.Value is string { Length: > 0 } value)
            {
                metadata[(string)entry.Key] = value;
            }
        }

        string name = metadata.TryGetValue(NameMetadata, out string? given) ? given : Path.GetFileNameWithoutExtension(item.ItemSpec);
        metadata.Remove(NameMetadata);
        string definedIn = item.GetMetadata("DefiningProjectFullPath");
        return new ModelItem(
            item.ItemSpec,
            name,
            FullPath(projectFile, item.ItemSpec),
            outputRoot + name,
            definedIn.Length > 0 ? definedIn : projectFile,
            metadata);
    }

    /// <summary>Paths in a project file start from its directory; the process may be anywhere.</summary>
    public static string FullPath(string projectFile, string path) =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(projectFile)!, path.Replace('\\', Path.DirectorySeparatorChar)));

    public BuildRequestItem ToRequest(string stamp)
    {
        var (line, column) = ItemLocator.Find(DefinedIn, Include, Name);
        return new BuildRequestItem
        {
            Model = Model,
            Name = Name,
            OutputDirectory = OutputDirectory,
            Stamp = stamp,
            DefinedIn = DefinedIn,
            Line = line,
            Column = column,
            Metadata = Metadata,
        };
    }

    /// <summary>Whether the last compilation had the same inputs and all it left is still there.</summary>
    public bool IsUpToDate(string stamp) => Matches(OutputStamp.FileName(Name), stamp);

    /// <summary>What the last compilation warned of.</summary>
    public IReadOnlyList<(string Code, string Text)> Warnings() => OutputStamp.Parse(File.ReadAllText(Path.Combine(OutputDirectory, OutputStamp.FileName(Name)))).Warnings;

    /// <summary>Whether a design-time build has described the same inputs.</summary>
    public bool IsDescribed(string stamp) => Matches(SignatureFiles.Stamp(Name), stamp);

    /// <summary>The manifest that fits the item best, or null: the compiled one if it is up to date, the provisional one if there is one, the compiled one of before.</summary>
    public string? ManifestFor(string stamp)
    {
        string compiled = Path.Combine(OutputDirectory, Name + ".model.json");
        string provisional = Path.Combine(OutputDirectory, SignatureFiles.Manifest(Name));
        if (!IsUpToDate(stamp) && IsDescribed(stamp) && new FileInfo(provisional).Length > 0)
        {
            return provisional;
        }

        return File.Exists(compiled) ? compiled : null;
    }

    private bool Matches(string stampFile, string stamp)
    {
        string file = Path.Combine(OutputDirectory, stampFile);
        if (!File.Exists(file))
        {
            return false;
        }

        var last = OutputStamp.Parse(File.ReadAllText(file));
        return last.Stamp == stamp && last.IsIntact(OutputDirectory);
    }
}
