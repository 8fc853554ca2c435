using ModelCompiler.Manifests;

namespace ModelCompiler.Tool.Compilation;

/// <summary>A file that a compilation reads.</summary>
/// <param name="Role"><c>Model</c>, <c>ExternalData</c>, <c>Plan</c>, or the setting that names the file.</param>
/// <param name="File">Path relative to the folder of the model, or to the folder that the setting names; never a path of the machine.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
internal sealed record InputFile(string Role, string File, long Bytes, string Sha256)
{
    public const string ModelRole = "Model";
    public const string ExternalDataRole = "ExternalData";
    public const string PlanRole = "Plan";

    public ManifestFile ToManifest() => new(File, Bytes, Sha256);

    /// <summary>The file at <paramref name="path"/>, known by its place in <paramref name="folder"/>.</summary>
    public static InputFile Of(string role, string path, string folder)
    {
        ManifestFile facts = FileFacts.Of(path);
        return new InputFile(role, Path.GetRelativePath(folder, path).Replace('\\', '/'), facts.Bytes, facts.Sha256);
    }
}
