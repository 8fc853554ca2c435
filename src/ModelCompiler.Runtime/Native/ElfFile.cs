using System.Buffers.Binary;
using System.Text;

namespace ModelCompiler.Runtime.Native;

/// <summary>
/// Reads from a shared library of Linux which others it needs, so that all that are missing can be named at once: the loader names the first.
/// (Tool Interface Standard, Executable and Linking Format 1.2, in its 64-bit form.)
/// </summary>
internal static class ElfFile
{
    private const int LoadSegment = 1;
    private const int DynamicSegment = 2;
    private const int NeededTag = 1;
    private const int StringTableTag = 5;
    private const int StringTableSizeTag = 10;

    // A program header has 56 bytes, a dynamic entry 16. What a damaged file claims beyond these is not read.
    private const int HeaderSize = 56;
    private const int EntrySize = 16;
    private const int MaxTable = 1 << 20;

    private static ReadOnlySpan<byte> Magic => [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1];

    /// <summary>File names as they are looked for, such as <c>libcublas.so.13</c>; empty for a file of another kind.</summary>
    public static IReadOnlyList<string> NeededLibraries(string path)
    {
        using var file = File.OpenHandle(path);
        byte[] header = Read(file, 0, 64);
        if (header.Length < 64 || !header.AsSpan().StartsWith(Magic))
        {
            return [];
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56));
        var segments = Read(file, ReadInt64(header, 32), (long)count * HeaderSize).Chunk(HeaderSize).Where(segment => segment.Length == HeaderSize).ToArray();
        if (Array.Find(segments, segment => TypeOf(segment) == DynamicSegment) is not { } dynamic)
        {
            return [];
        }

        var entries = Read(file, ReadInt64(dynamic, 8), ReadInt64(dynamic, 32)).Chunk(EntrySize).Where(entry => entry.Length == EntrySize)
            .Select(entry => (Tag: ReadInt64(entry, 0), Value: ReadInt64(entry, 8))).ToArray();
        long address = entries.FirstOrDefault(entry => entry.Tag == StringTableTag).Value;
        byte[] strings = Read(file, OffsetOf(address, segments), entries.FirstOrDefault(entry => entry.Tag == StringTableSizeTag).Value);
        return [.. entries.Where(entry => entry.Tag == NeededTag).Select(entry => Text(strings, entry.Value)).Where(name => name.Length > 0)];
    }

    private static int TypeOf(byte[] segment) => BinaryPrimitives.ReadInt32LittleEndian(segment);

    /// <summary>Where in the file an address of memory is loaded from.</summary>
    private static long OffsetOf(long address, byte[][] segments)
    {
        foreach (byte[] segment in segments.Where(segment => TypeOf(segment) == LoadSegment))
        {
            long start = ReadInt64(segment, 16);
            if (address >= start && address - start < ReadInt64(segment, 32))
            {
                return ReadInt64(segment, 8) + (address - start);
            }
        }

        return -1;
    }

    private static string Text(byte[] strings, long offset)
    {
        if (offset < 0 || offset >= strings.Length)
        {
            return "";
        }

        var rest = strings.AsSpan((int)offset);
        int end = rest.IndexOf((byte)0);
        return end < 0 ? "" : Encoding.UTF8.GetString(rest[..end]);
    }

    private static long ReadInt64(byte[] bytes, int offset) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(offset));

    private static byte[] Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, long length)
    {
        if (offset < 0 || length is < 0 or > MaxTable)
        {
            return [];
        }

        var bytes = new byte[length];
        int read = RandomAccess.Read(file, bytes, offset);
        return bytes[..read];
    }
}
