using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelCompiler.Tests;

/// <summary>Writes NumPy files for tests, bad ones too. Share this file by a Compile item with a link.</summary>
internal static class NumpyFiles
{
    public static byte[] Npy<T>(ReadOnlySpan<T> values, params long[] shape)
        where T : unmanaged => Npy(Descr<T>(), shape, MemoryMarshal.AsBytes(values));

    public static byte[] Npy(string descr, long[] shape, ReadOnlySpan<byte> data)
    {
        string dims = string.Concat(shape.Select(dim => dim.ToString(CultureInfo.InvariantCulture) + ","));
        return Npy($"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({dims}), }}", data);
    }

    public static byte[] Npy(string header, ReadOnlySpan<byte> data)
    {
        byte[] text = Encoding.Latin1.GetBytes(header + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text, .. data];
    }

    /// <summary>Counts up from <paramref name="first"/>.</summary>
    public static byte[] Ramp(float first, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (count, dim) => count * dim)];
        for (int i = 0; i < values.Length; i++) values[i] = first + i;
        return Npy<float>(values, shape);
    }

    public static byte[] Npz(params (string Name, byte[] Npy)[] arrays) => Npz(CompressionLevel.Fastest, arrays);

    public static byte[] Npz(CompressionLevel level, params (string Name, byte[] Npy)[] arrays)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, true))
        {
            foreach ((string name, byte[] npy) in arrays)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name + ".npy", level);
                // The same bytes whenever they are written.
                entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using Stream content = entry.Open();
                content.Write(npy);
            }
        }
        return stream.ToArray();
    }

    private static string Descr<T>() => default(T) switch
    {
        float => "<f4",
        double => "<f8",
        int => "<i4",
        long => "<i8",
        byte => "|u1",
        _ => throw new NotSupportedException(typeof(T).Name),
    };
}
