namespace ModelCompiler.Runtime;

/// <summary>Where a session keeps what its providers compile, so that only the first start pays for it.</summary>
/// <param name="Folder">A folder that can be written; it is made. Several models and processes may share it.</param>
/// <param name="ModelHash">What the model is known by: its SHA-256, that of its external data included.</param>
public sealed record ArtefactOptions(string Folder, string ModelHash)
{
    /// <summary>An archive of such a folder that a build made (see <see cref="ArtefactArchive"/>), or null. What fits this machine is taken out of it.</summary>
    public string? Archive { get; init; }

    /// <summary>What a model is known by whose files have these hashes: its own first, then those of its external data.</summary>
    public static string HashOf(IEnumerable<string> files) => string.Join('+', files);

    /// <summary>The folder of the user for all programs; empty where the user has no folder of that kind.</summary>
    public static string UserFolder => Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData) is { Length: > 0 } data
        ? Path.Combine(data, "ModelCompiler", "compiled")
        : "";
}
