using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using ModelCompiler.Diagnostics;

namespace ModelCompiler.Onnx;

/// <summary>An open file of weights; it stays open while a tensor refers to it.</summary>
internal sealed class ExternalFile(string path, SafeFileHandle handle)
{
    private string? _sha1;

    /// <summary>The full path.</summary>
    public string Path => path;

    /// <summary>The size in bytes when it was opened.</summary>
    public long Length { get; } = RandomAccess.GetLength(handle);

    /// <summary>The digest of the whole file in hex, which the ONNX format prescribes.</summary>
    public string Sha1 => _sha1 ??= ComputeSha1();

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        try
        {
            while (destination.Length > 0)
            {
                int read = RandomAccess.Read(handle, destination, offset);
                if (read == 0) throw new IOException($"'{path}' has become shorter.");
                destination = destination[read..];
                offset += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CompilerException(DiagnosticTable.FileUnreadable.Id, DiagnosticTable.FileUnreadable.Text(e.Message), path, e);
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "A checksum against damage that the format prescribes, no signature.")]
    private string ComputeSha1()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        var buffer = new byte[1 << 20];
        for (long offset = 0; offset < Length; offset += buffer.Length)
        {
            Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(buffer.Length, Length - offset));
            Read(offset, chunk);
            hash.AppendData(chunk);
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
