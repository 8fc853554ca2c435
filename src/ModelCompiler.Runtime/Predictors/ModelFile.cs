using System.Reflection;

namespace ModelCompiler.Runtime;

/// <summary>A file that belongs to a generated predictor.</summary>
/// <param name="Path">Path relative to the program's folder.</param>
/// <param name="Sha256">Hash of its bytes, 64 hexadecimal digits.</param>
public sealed record ModelFile(string Path, string Sha256)
{
    /// <summary>The assembly that holds the file as a resource of the name <see cref="Path"/>; null where it lies beside the program.</summary>
    public Assembly? EmbeddedIn { get; init; }
}
