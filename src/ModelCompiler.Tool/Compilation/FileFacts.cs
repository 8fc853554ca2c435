using System.Security.Cryptography;
using ModelCompiler.Diagnostics;
using ModelCompiler.Manifests;
using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Name, length and hash of a file, as manifests state them.</summary>
internal static class FileFacts
{
    /// <exception cref="CompilerException">The file cannot be read.</exception>
    public static ManifestFile Of(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return new ManifestFile(Path.GetFileName(path), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticTable.FileUnreadable.ErrorIn(path, e.Message);
        }
    }
}
