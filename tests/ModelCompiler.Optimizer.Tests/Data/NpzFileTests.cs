using System.IO.Compression;
using System.Runtime.InteropServices;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Data;

public sealed class NpzFileTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bool", ElementType.Bool)]
    [InlineData("int8", ElementType.Int8)]
    [InlineData("int16", ElementType.Int16)]
    [InlineData("int32", ElementType.Int32)]
    [InlineData("int64", ElementType.Int64)]
    [InlineData("uint8", ElementType.UInt8)]
    [InlineData("uint16", ElementType.UInt16)]
    [InlineData("uint32", ElementType.UInt32)]
    [InlineData("uint64", ElementType.UInt64)]
    [InlineData("float16", ElementType.Float16)]
    [InlineData("float32", ElementType.Float)]
    [InlineData("float64", ElementType.Double)]
    [InlineData("complex64", ElementType.Complex64)]
    [InlineData("complex128", ElementType.Complex128)]
    public void Reads_every_type_of_numbers_from_the_zip64_archive_that_NumPy_writes(string name, ElementType type)
    {
        using var file = new NpzFile(NpyReaderTests.ArrayPath("types.npz"));
        using NpyReader reader = file.Open(name);
        Assert.Equal(type, reader.Header.ElementType);
        Assert.Equal(name, type.NumpyName());
        byte[] last = new byte[reader.Header.DataLength];
        reader.Read(last);
        reader.ExpectEnd();
        Assert.Equal(100.0, Number(type, last.AsSpan()[^reader.Header.ElementSize..]));
    }

    [Fact]
    public void Reads_deflated_arrays_side_by_side()
    {
        using var file = new NpzFile(NpyReaderTests.ArrayPath("deflated.npz"));
        Assert.Equal(["x", "y"], file.Names);
        using NpyReader x = file.Open("x");
        using NpyReader y = file.Open("y");
        float[] row = new float[4];
        long[] number = new long[1];
        for (int i = 0; i < 100; i++)
        {
            x.Read(MemoryMarshal.AsBytes(row.AsSpan()));
            y.Read(MemoryMarshal.AsBytes(number.AsSpan()));
            Assert.Equal(0f, row[3]);
            Assert.Equal(i, number[0]);
        }
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Sees_a_single_damaged_byte(CompressionLevel level)
    {
        byte[] file = NumpyFiles.Npz(level, ("x", NumpyFiles.Ramp(0, 64, 64)));
        file[file.Length / 2] ^= 0x10;
        string path = _folder.Write("x.npz", file);
        var error = Assert.Throws<CompilerException>(() => ReadToEnd(path));
        Assert.Equal("OM2204", error.Code);
    }

    [Fact]
    public void Refuses_every_prefix_of_an_archive()
    {
        byte[] whole = NumpyFiles.Npz(("x", NumpyFiles.Ramp(0, 3)), ("y", NumpyFiles.Ramp(0, 2)));
        for (int length = 0; length < whole.Length; length++)
        {
            string path = _folder.Write("x.npz", whole.AsSpan(0, length));
            Assert.Matches("OM220[34]", Assert.Throws<CompilerException>(() => ReadToEnd(path)).Code);
        }
    }

    [Fact]
    public void Never_fails_otherwise_however_the_bytes_are_changed()
    {
        byte[] whole = NumpyFiles.Npz(("x", NumpyFiles.Ramp(0, 3)), ("y", NumpyFiles.Ramp(0, 2)));
        for (int position = 0; position < whole.Length; position++)
        {
            byte[] changed = [.. whole];
            changed[position] ^= 0xFF;
            string path = _folder.Write("x.npz", changed);
            Assert.True(Record.Exception(() => ReadToEnd(path)) is null or CompilerException, $"byte {position}");
        }
    }

    [Fact]
    public void Refuses_what_is_no_array_in_the_archive()
    {
        string twice = _folder.Write("twice.npz", NumpyFiles.Npz(("x", NumpyFiles.Ramp(0, 3)), ("x", NumpyFiles.Ramp(0, 3))));
        Assert.Contains("twice", Assert.Throws<CompilerException>(() => new NpzFile(twice)).Message, StringComparison.Ordinal);
        using (ZipArchive archive = ZipFile.Open(_folder.PathOf("text.npz"), ZipArchiveMode.Create)) archive.CreateEntry("readme.txt");
        var error = Assert.Throws<CompilerException>(() => new NpzFile(_folder.PathOf("text.npz")));
        Assert.Equal("OM2203", error.Code);
        Assert.Contains("readme.txt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_an_array_that_is_shorter_or_longer_than_its_header_says()
    {
        foreach (int bytes in new[] { 11, 13 })
        {
            string path = _folder.Write("x.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy("<f4", [3], new byte[bytes]))));
            Assert.Equal("OM2204", Assert.Throws<CompilerException>(() => ReadToEnd(path)).Code);
        }
    }

    private static void ReadToEnd(string path)
    {
        using ArrayContainer file = ArrayContainer.OpenFile(path, "x");
        foreach (string name in file.Names)
        {
            using NpyReader reader = file.Open(name);
            reader.Read(new byte[reader.Header.DataLength]);
            reader.ExpectEnd();
        }
    }

    private static double Number(ElementType type, ReadOnlySpan<byte> bytes) => type switch
    {
        // True is what NumPy makes of 100.
        ElementType.Bool => bytes[0] == 1 ? 100 : double.NaN,
        ElementType.Float16 => (double)MemoryMarshal.Read<Half>(bytes),
        ElementType.Float or ElementType.Complex64 => MemoryMarshal.Read<float>(bytes),
        ElementType.Double or ElementType.Complex128 => MemoryMarshal.Read<double>(bytes),
        _ => bytes[0],
    };
}
