using System.Globalization;
using System.Runtime.InteropServices;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Data;

public sealed class SampleSetTests : IDisposable
{
    private static readonly SampleInput Image = new("image", ElementType.Float, new Shape(Dim.Named("N"), 2));
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Yields_one_sample_at_a_time_or_a_batch()
    {
        string path = Npz(("image", NumpyFiles.Ramp(0, 5, 2)));
        SampleSet set = SampleSet.Open(path, [Image]);
        Assert.Equal(5, set.Count);
        Assert.False(set.HasLabels);
        Assert.Equal(["1:0,1", "1:2,3", "1:4,5", "1:6,7", "1:8,9"], Values(set, 1, "image"));
        Assert.Equal(["2:0,1,2,3", "2:4,5,6,7", "1:8,9"], Values(set, 2, "image"));
        Assert.Equal(["5:0,1,2,3,4,5,6,7,8,9"], Values(set, 100, "image"));
    }

    [Fact]
    public void Reads_on_to_where_damage_shows_but_for_the_first_samples_only()
    {
        byte[] file = NumpyFiles.Npz(("image", NumpyFiles.Ramp(0, 64, 2)));
        file[file.Length / 2] ^= 0x10;
        SampleSet set = SampleSet.Open(_folder.Write("damaged.npz", file), [Image]);
        Assert.Equal("OM2204", Assert.Throws<CompilerException>(() => set.Read(16).Count()).Code);
        Assert.Equal(2, set.Take(2).Read().Count());
    }

    [Fact]
    public void Groups_samples_to_the_batch_size_of_the_model_and_repeats_the_last_to_fill_up()
    {
        string path = Npz(("image", NumpyFiles.Ramp(0, 3, 1)), ("labels", NumpyFiles.Npy<int>([7, 8, 9], 3)));
        SampleSet set = SampleSet.Open(path, [new("image", ElementType.Float, Shape.Of(2, 1))]);
        Assert.Equal(["2:0,1", "2:2,2"], Values(set, 1, "image"));
        Assert.Equal([(2, "7,8"), (1, "9")], set.Read().Select(batch => (batch.ValidRows, string.Join(",", batch.Labels.ToArray()))));
    }

    [Fact]
    public void Fills_up_inputs_of_open_batch_size_beside_one_of_fixed_size()
    {
        string path = Npz(("image", NumpyFiles.Ramp(0, 3, 1)), ("size", NumpyFiles.Ramp(10, 3, 1)));
        SampleInput[] inputs = [new("image", ElementType.Float, Shape.Of(2, 1)), new("size", ElementType.Float, new Shape(Dim.Named("N"), 1))];
        Assert.Equal(["2:10,11", "2:12,12"], Values(SampleSet.Open(path, inputs), 1, "size"));
    }

    [Fact]
    public void Takes_entries_as_whole_inputs_where_the_array_has_one_more_dimension()
    {
        string path = Npz(("state", NumpyFiles.Ramp(0, 3, 2, 1)), ("image", NumpyFiles.Ramp(0, 3, 2)), ("rate", NumpyFiles.Npy<long>([16000])));
        SampleInput[] inputs = [new("state", ElementType.Float, Shape.Of(2, 1)), Image, new("rate", ElementType.Int64, Shape.Scalar)];
        SampleSet set = SampleSet.Open(path, inputs);
        Assert.Equal(["2:0,1", "2:2,3", "2:4,5"], Values(set, 8, "state"));
        Assert.Equal(["1:0,1", "1:2,3", "1:4,5"], Values(set, 8, "image"));
        Assert.All(set.Read(), batch => Assert.Equal(16000, batch["rate"].AsSpan<long>()[0]));
    }

    [Fact]
    public void Reads_a_single_npy_for_a_model_with_one_input_and_a_folder_of_parts_of_different_size()
    {
        string first = _folder.Write("parts/a.npy", NumpyFiles.Ramp(0, 1, 2));
        _folder.Write("parts/b.npz", NumpyFiles.Npz(("image", NumpyFiles.Ramp(2, 2, 2))));
        _folder.Write("parts/readme.txt", "ignored"u8.ToArray());
        Assert.Equal(["1:0,1"], Values(SampleSet.Open(first, [Image]), 1, "image"));
        Assert.Equal(["1:0,1", "1:2,3", "1:4,5"], Values(SampleSet.Open(_folder.PathOf("parts"), [Image]), 1, "image"));
    }

    [Fact]
    public void Reads_a_folder_with_an_array_for_each_input()
    {
        _folder.Write("image.npy", NumpyFiles.Ramp(0, 2, 2));
        _folder.Write("mask.npy", NumpyFiles.Ramp(9, 2, 1));
        SampleSet set = SampleSet.Open(_folder.Folder, [Image, new("mask", ElementType.Float, new Shape(Dim.Named("N"), 1))]);
        Assert.Equal(["1:9", "1:10"], Values(set, 1, "mask"));
    }

    [Fact]
    public void Narrows_float64_to_float32_and_says_so()
    {
        string path = Npz(("image", NumpyFiles.Npy<double>([0.1, -1e-300, -2, 1e300], 2, 2)));
        SampleSet set = SampleSet.Open(path, [Image]);
        Assert.Equal(["image: float64 is read as float32"], set.Notes);
        Assert.Equal([0.1f, -0f], set.Read().First()["image"].AsSpan<float>().ToArray());
        Assert.Contains("1E+300", Assert.Throws<CompilerException>(() => set.Read(2).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_integers_of_another_width_where_each_has_room()
    {
        SampleInput ids = new("ids", ElementType.Int64, new Shape(Dim.Named("N"), 2)), bytes = ids with { ElementType = ElementType.UInt8 };
        SampleSet set = SampleSet.Open(Npz(("ids", NumpyFiles.Npy<int>([101, -1, int.MinValue, 7], 2, 2))), [ids]);
        Assert.Equal(["ids: int32 is read as int64"], set.Notes);
        Assert.Equal([101, -1, int.MinValue, 7], set.Read(2).Single()["ids"].AsSpan<long>().ToArray());

        Assert.Equal([0, 255], SampleSet.Open(Npz(("ids", NumpyFiles.Npy<long>([0, 255], 1, 2))), [bytes]).Read().Single()["ids"].AsSpan<byte>().ToArray());
        foreach (long wrong in (long[])[-1, 256, long.MaxValue, long.MinValue])
        {
            var error = Assert.Throws<CompilerException>(() => SampleSet.Open(Npz(("ids", NumpyFiles.Npy<long>([0, wrong], 1, 2))), [bytes]).Read().Count());
            Assert.Equal("OM2204", error.Code);
            Assert.Contains($"it holds {wrong}, for which uint8 has no room", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Reads_float16_as_float32_and_float32_as_float16()
    {
        byte[] halves = NumpyFiles.Npy("<f2", [1, 2], [0, 0x3c, 0, 0xfc]);
        SampleBatch batch = SampleSet.Open(Npz(("image", halves)), [Image]).Read().Single();
        Assert.Equal([1, float.NegativeInfinity], batch["image"].AsSpan<float>().ToArray());
        Assert.Equal("OM2223", batch.NotFinite!.Code);

        SampleInput half = Image with { ElementType = ElementType.Float16 };
        Assert.Equal([(Half)0.1f, (Half)(-65504)], SampleSet.Open(Npz(("image", NumpyFiles.Npy<float>([0.1f, -65504], 1, 2))), [half]).Read().Single()["image"].AsSpan<Half>().ToArray());
        Assert.Contains("70000", Assert.Throws<CompilerException>(() => SampleSet.Open(Npz(("image", NumpyFiles.Npy<float>([0, 70000], 1, 2))), [half]).Read().Count()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_named_with_its_file_array_and_index(float wrong)
    {
        byte[][] arrays =
        [
            NumpyFiles.Npy<float>([0, 1, 2, 3, 4, wrong], 3, 2),
            NumpyFiles.Npy<double>([0, 1, 2, 3, 4, wrong], 3, 2),
            NumpyFiles.Npy("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }", MemoryMarshal.AsBytes<float>([0, 2, 4, 1, 3, wrong])),
        ];
        foreach (byte[] array in arrays)
        {
            string path = Npz(("image", array));
            SampleSet set = SampleSet.Open(path, [Image]);
            foreach (int batch in (int[])[1, 2, 3])
            {
                CompilerException error = set.Read(batch).Select(run => run.NotFinite).Last()!;
                Assert.Equal("OM2223", error.Code);
                string number = wrong.ToString(CultureInfo.InvariantCulture);
                Assert.Contains($"'image' in '{path}' holds {number} at [2, 1]", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void What_is_not_finite_in_float16_is_named_too()
    {
        SampleSet set = SampleSet.Open(Npz(("image", NumpyFiles.Npy("<f2", [1, 2], [0, 0, 0, 0x7c]))), [Image with { ElementType = ElementType.Float16 }]);
        Assert.Contains("Infinity at [0, 1]", set.Read().Single().NotFinite!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_infinity_is_told_of_the_run_that_reads_it()
    {
        string path = Npz(("image", NumpyFiles.Npy<float>([0, 1, float.NegativeInfinity, 3, 4, 5], 3, 2)));
        Assert.Equal([false, true, false], SampleSet.Open(path, [Image]).Read().Select(run => run.NotFinite is not null));
    }

    [Fact]
    public void Uses_the_same_memory_for_every_sample()
    {
        SampleSet set = SampleSet.Open(Npz(("image", NumpyFiles.Ramp(0, 500, 2))), [Image]);
        Assert.Single(set.Read().Select(batch => batch["image"]).Distinct(ReferenceEqualityComparer.Instance));
    }

    [Fact]
    public void Pixels_that_were_scaled_to_one_are_not_to_become_black()
    {
        SampleInput pixels = new("image", ElementType.UInt8, new Shape(Dim.Named("N"), 2));
        var error = Assert.Throws<CompilerException>(() => SampleSet.Open(Npz(("image", NumpyFiles.Ramp(0, 2, 2))), [pixels]));
        Assert.Equal("OM2209", error.Code);
        Assert.Contains("(255 * x).astype(numpy.uint8)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "OM2207", "'image'")]
    [InlineData("extra", "OM2208", "'other'")]
    [InlineData("type", "OM2209", "x.astype(numpy.float32)")]
    [InlineData("inner", "OM2210", "[samples, 2]")]
    [InlineData("rank", "OM2210", "[samples, 2]")]
    [InlineData("counts", "OM2211", "'mask' 3")]
    [InlineData("none", "OM2212", "no samples")]
    [InlineData("labels", "OM2215", "should be 2 integers")]
    [InlineData("floatlabels", "OM2215", "float32")]
    public void Says_what_does_not_fit(string what, string code, string word)
    {
        byte[] good = NumpyFiles.Ramp(0, 2, 2);
        (string, byte[])[] arrays = what switch
        {
            "missing" => [("x", good)],
            "extra" => [("image", good), ("other", good)],
            "type" => [("image", NumpyFiles.Npy<int>([1, 2], 1, 2))],
            "inner" => [("image", NumpyFiles.Ramp(0, 2, 3))],
            "rank" => [("image", NumpyFiles.Ramp(0, 2))],
            "counts" => [("image", good), ("mask", NumpyFiles.Ramp(0, 3))],
            "none" => [("image", NumpyFiles.Ramp(0, 0, 2))],
            "labels" => [("image", good), ("labels", NumpyFiles.Npy<long>([1, 2, 3], 3))],
            _ => [("image", good), ("labels", NumpyFiles.Ramp(0, 2))],
        };
        SampleInput[] inputs = what == "counts" ? [Image, new("mask", ElementType.Float, new Shape(Dim.Unknown))] : [Image];
        var error = Assert.Throws<CompilerException>(() => SampleSet.Open(Npz(arrays), inputs));
        Assert.Equal(code, error.Code);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "OM2203", "empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "OM2203", "Git LFS pointer")]
    [InlineData("hello world, this is text", "OM2203", "'hello world, thi'")]
    public void Says_what_a_file_is_that_is_no_array(string content, string code, string word)
    {
        string path = _folder.Write("x.npz", System.Text.Encoding.ASCII.GetBytes(content));
        var error = Assert.Throws<CompilerException>(() => SampleSet.Open(path, [Image]));
        Assert.Equal(code, error.Code);
        Assert.Equal(path, error.File);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_when_there_is_nothing()
    {
        Assert.Equal("OM2201", Assert.Throws<CompilerException>(() => SampleSet.Open(_folder.PathOf("no.npz"), [Image])).Code);
        Assert.Equal("OM2202", Assert.Throws<CompilerException>(() => SampleSet.Open(_folder.Folder, [Image])).Code);
        SampleSet unlabelled = SampleSet.Open(Npz(("image", NumpyFiles.Ramp(0, 1, 2))), [Image]);
        Assert.Equal("OM2214", Assert.Throws<CompilerException>(unlabelled.RequireLabels).Code);
        Assert.Equal("OM2213", Assert.Throws<CompilerException>(() => SampleSet.Open(_folder.Folder, [new("t", ElementType.String, null)])).Code);
    }

    [Fact]
    public void Refuses_a_batch_that_no_memory_can_hold()
    {
        string path = Npz(("image", NumpyFiles.Ramp(0, 1, 2)));
        SampleSet set = SampleSet.Open(path, [new("image", ElementType.Float, Shape.Of(1L << 40, 2))]);
        var error = Assert.Throws<CompilerException>(() => set.Read().Count());
        Assert.Contains("does not fit in memory", error.Message, StringComparison.Ordinal);
    }

    private string Npz(params (string Name, byte[] Npy)[] arrays) => _folder.Write("data.npz", NumpyFiles.Npz(arrays));

    private static List<string> Values(SampleSet set, int batchSize, string input) =>
    [
        .. set.Read(batchSize).Select(batch => batch[input])
            .Select(tensor => $"{tensor.Shape[0]}:{string.Join(",", tensor.AsSpan<float>().ToArray().Select(x => x.ToString(CultureInfo.InvariantCulture)))}"),
    ];
}
