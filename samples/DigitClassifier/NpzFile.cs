using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace DigitClassifier;

/// <summary>
/// Reads the little of NumPy's <c>.npz</c> that this program needs: little-endian, row-major arrays out of a zip.
/// The layout is that of NumPy Enhancement Proposal 1.
/// </summary>
internal static partial class NpzFile
{
    private const int PreambleLength = 10; // magic "\x93NUMPY", version (2 bytes), header length (2 bytes)

    /// <summary>The elements of the array <paramref name="name"/>, in row-major order.</summary>
    /// <exception cref="InvalidDataException">The array is missing, or is not of type <typeparamref name="T"/>.</exception>
    public static T[] Read<T>(string path, string name)
        where T : unmanaged
    {
        using ZipArchive archive = Open(path);
        ZipArchiveEntry entry = archive.GetEntry(name + ".npy")
            ?? throw new InvalidDataException($"{path} has no array named '{name}'.");
        using Stream stream = entry.Open();

        string header = ReadHeader(stream, entry.FullName);
        Match match = Header().Match(header);
        if (!match.Success || match.Groups["descr"].Value != TypeDescription<T>())
        {
            throw new InvalidDataException(
                $"{path}: '{name}' should be a row-major array of '{TypeDescription<T>()}', but its header says {header}.");
        }

        var elements = new T[ElementCount(match.Groups["shape"].Value)];
        stream.ReadExactly(MemoryMarshal.AsBytes(elements.AsSpan()));
        return elements;
    }

    private static ZipArchive Open(string path)
    {
        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path} is not an .npz file: {e.Message}", e);
        }
    }

    private static string ReadHeader(Stream stream, string name)
    {
        Span<byte> preamble = stackalloc byte[PreambleLength];
        stream.ReadExactly(preamble);
        if (preamble[0] != 0x93 || !preamble[1..].StartsWith("NUMPY\u0001"u8))
        {
            throw new InvalidDataException($"{name} is not a version 1 .npy array.");
        }

        var header = new byte[preamble[8] | (preamble[9] << 8)];
        stream.ReadExactly(header);
        return Encoding.Latin1.GetString(header).Trim();
    }

    private static int ElementCount(string shape)
    {
        int count = 1;
        foreach (string size in shape.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            count = checked(count * int.Parse(size, CultureInfo.InvariantCulture));
        }

        return count;
    }

    private static string TypeDescription<T>() =>
        typeof(T) == typeof(float) ? "<f4"
        : typeof(T) == typeof(long) ? "<i8"
        : throw new NotSupportedException($"{typeof(T)} is not a type this reader knows.");

    [GeneratedRegex(@"^\{'descr': '(?<descr>[^']+)', 'fortran_order': False, 'shape': \((?<shape>[\d, ]*)\), \}$")]
    private static partial Regex Header();
}
