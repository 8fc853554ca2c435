using System.Runtime.InteropServices;
using System.Text;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Data;

/// <summary>Against arrays that NumPy itself wrote (Arrays/make.py), and against what no one should write.</summary>
public class NpyReaderTests
{
    private static readonly float[] Ramp = [.. Enumerable.Range(0, 24).Select(i => (float)i)];

    [Theory]
    [InlineData("version1.npy")]
    [InlineData("version2.npy")]
    [InlineData("version3.npy")]
    [InlineData("fortran.npy")]
    [InlineData("bigendian.npy")]
    public void Reads_what_NumPy_writes(string file)
    {
        using NpyReader reader = Open(Array(file));
        Assert.Equal(ElementType.Float, reader.Header.ElementType);
        Assert.Equal([2, 3, 4], reader.Header.Shape);
        Assert.Equal(Ramp, ReadAll<float>(reader));
    }

    [Fact]
    public void Reads_Fortran_order_of_big_endian_numbers()
    {
        using NpyReader reader = Open(Array("fortran_bigendian.npy"));
        Assert.Equal(ElementType.Int64, reader.Header.ElementType);
        Assert.Equal(Ramp.Select(x => (long)x), ReadAll<long>(reader));
    }

    [Fact]
    public void Reads_scalars_and_empty_arrays()
    {
        using NpyReader scalar = Open(Array("scalar.npy"));
        Assert.Empty(scalar.Header.Shape);
        Assert.Equal([16000L], ReadAll<long>(scalar));
        using NpyReader empty = Open(Array("empty.npy"));
        Assert.Equal([0, 3], empty.Header.Shape);
        Assert.Empty(ReadAll<float>(empty));
    }

    [Theory]
    [InlineData("pickled.npy", "OM2205", "pickled")]
    [InlineData("strings.npy", "OM2206", "<U1")]
    [InlineData("structured.npy", "OM2206", "structure")]
    public void Refuses_what_is_no_number(string file, string code, string word)
    {
        var error = Assert.Throws<CompilerException>(() => Open(Array(file)));
        Assert.Equal(code, error.Code);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_every_prefix_of_a_file()
    {
        byte[] whole = Array("version1.npy");
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] prefix = whole[..length];
            var error = Assert.Throws<CompilerException>(() => ReadAll<float>(Open(prefix)));
            Assert.Equal("OM2204", error.Code);
        }
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 2), }", "overflow")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,), }", "not a number")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "not a number")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 4), }", "overflow")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", "lacks a field")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'shape': (), }", "twice")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': (), }", "unknown field")]
    [InlineData("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (), }", "malformed")]
    [InlineData("{'descr': '<f4 'fortran_order': False, 'shape': (), }", "malformed")]
    [InlineData("{", "malformed")]
    [InlineData("", "malformed")]
    public void Refuses_bad_headers(string header, string word)
    {
        var error = Assert.Throws<CompilerException>(() => Open(NumpyFiles.Npy(header, [0, 0, 0, 0])));
        Assert.Equal("OM2204", error.Code);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_header_that_claims_gigabytes_and_more_dimensions_than_NumPy_has()
    {
        byte[] large = [0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0x7F, .. "{}"u8];
        Assert.Contains("2147483647 bytes", Assert.Throws<CompilerException>(() => Open(large)).Message, StringComparison.Ordinal);
        byte[] deep = NumpyFiles.Npy("|u1", [.. Enumerable.Repeat(1L, 65)], [0]);
        Assert.Contains("64 dimensions", Assert.Throws<CompilerException>(() => Open(deep)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_long_integers_as_Python_2_wrote_them()
    {
        using NpyReader reader = Open(NumpyFiles.Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2L, 1L), }", Encoding.ASCII.GetBytes("ab")));
        Assert.Equal([2, 1], reader.Header.Shape);
    }

    internal static byte[] Array(string file) => File.ReadAllBytes(ArrayPath(file));

    internal static string ArrayPath(string file) => Path.Combine(AppContext.BaseDirectory, "Data", "Arrays", file);

    private static NpyReader Open(byte[] file) => new(new MemoryStream(file), "'x'");

    private static T[] ReadAll<T>(NpyReader reader)
        where T : unmanaged
    {
        byte[] bytes = new byte[reader.Header.DataLength];
        // In two pieces: readers are asked for a sample at a time.
        int half = bytes.Length / 2 / reader.Header.ElementSize * reader.Header.ElementSize;
        reader.Read(bytes.AsSpan(0, half));
        reader.Read(bytes.AsSpan(half));
        reader.ExpectEnd();
        return MemoryMarshal.Cast<byte, T>(bytes).ToArray();
    }
}
