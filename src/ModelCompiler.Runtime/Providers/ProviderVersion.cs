using System.Collections.Concurrent;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text;

namespace ModelCompiler.Runtime;

/// <summary>
/// The version of ONNX Runtime that a provider's library was built for. No function tells it before the library is loaded; the library holds
/// it as a constant.
/// </summary>
internal static class ProviderVersion
{
    // Providers are libraries of their own since version 1.7 or so; smaller numbers are the versions of other things that were linked in.
    private const int LowestMinor = 10;
    private const int LongestVersion = 12;

    private static readonly ConcurrentDictionary<string, string?> Known = new();

    /// <summary>As in <c>1.30.0</c>; null where the file holds no such constant.</summary>
    public static string? Of(string path) => Known.GetOrAdd(path, Read);

    private static unsafe string? Read(string path)
    {
        long length = new FileInfo(path).Length;
        if (length is 0 or > int.MaxValue)
        {
            return null;
        }

        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            return Find(new ReadOnlySpan<byte>(start + view.PointerOffset, (int)length));
        }
        finally
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    /// <summary>The first text between two zero bytes that is a version of ONNX Runtime.</summary>
    internal static string? Find(ReadOnlySpan<byte> bytes)
    {
        for (int at = bytes.IndexOf("\01."u8); at >= 0;)
        {
            bytes = bytes[(at + 1)..];
            int end = bytes[..Math.Min(bytes.Length, LongestVersion)].IndexOf((byte)0);
            if (end > 0 && IsVersion(Encoding.ASCII.GetString(bytes[..end])))
            {
                return Encoding.ASCII.GetString(bytes[..end]);
            }

            at = bytes.IndexOf("\01."u8);
        }

        return null;
    }

    private static bool IsVersion(string text) =>
        text.Split('.') is [_, var minor, var patch]
        && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= LowestMinor
        && int.TryParse(patch, NumberStyles.None, CultureInfo.InvariantCulture, out _);
}
