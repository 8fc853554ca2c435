namespace ModelCompiler.Manifests;

/// <summary>A file by its plain name (no directory), length and hash.</summary>
/// <param name="Name">File name without a directory.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
internal sealed record ManifestFile(string Name, long Bytes, string Sha256);
