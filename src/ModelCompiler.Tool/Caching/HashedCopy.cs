using System.Security.Cryptography;

namespace ModelCompiler.Tool.Caching;

/// <summary>Copies a file and hashes the very bytes that were copied: what is read twice could be read differently.</summary>
internal static class HashedCopy
{
    private const int BufferSize = 1 << 20;

    /// <returns>The SHA-256 as 64 lower-case hexadecimal digits.</returns>
    public static string Run(string from, string to)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using FileStream source = new(from, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        using FileStream target = new(to, FileMode.Create, FileAccess.Write, FileShare.None);
        byte[] buffer = new byte[BufferSize];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            target.Write(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
