using System.Text;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>Named arrays in files. Several may be read side by side, each from front to back.</summary>
internal abstract class ArrayContainer : IDisposable
{
    /// <summary>Names in the order of the file.</summary>
    public abstract IReadOnlyCollection<string> Names { get; }

    /// <summary>Begins to read an array; the reader is closed before the container.</summary>
    public abstract NpyReader Open(string name);

    public abstract void Dispose();

    /// <summary>Opens a file by what it holds, whatever its extension.</summary>
    /// <param name="path">A <c>.npz</c> or <c>.npy</c> file.</param>
    /// <param name="nameOfSingle">The name of the array where the file gives none.</param>
    /// <exception cref="CompilerException">The file is neither.</exception>
    public static ArrayContainer OpenFile(string path, string nameOfSingle)
    {
        Span<byte> start = stackalloc byte[48];
        using (FileStream stream = OpenStream(path)) start = start[..stream.ReadAtLeast(start, start.Length, false)];
        if (start.StartsWith(NpyHeader.Magic)) return new NpyFiles(new Dictionary<string, string> { [nameOfSingle] = path });
        if (start.StartsWith("PK"u8)) return new NpzFile(path);
        throw DiagnosticTable.DataNotArrays.ErrorIn(path, path, Describe(start));
    }

    /// <exception cref="CompilerException">The file is not there or may not be read.</exception>
    protected static FileStream OpenStream(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DiagnosticTable.DataNotFound.ErrorIn(path, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticTable.DataNotArrays.ErrorIn(path, path, e.Message.TrimEnd('.'));
        }
    }

    private static string Describe(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return "it is empty";
        if (start.StartsWith("version https://git-lfs"u8)) return "it is a Git LFS pointer";
        ReadOnlySpan<byte> head = start[..Math.Min(start.Length, 16)];
        return head.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? $"it begins with the bytes {Convert.ToHexString(head)}"
            : $"it begins with the text '{Encoding.ASCII.GetString(head)}'";
    }
}
