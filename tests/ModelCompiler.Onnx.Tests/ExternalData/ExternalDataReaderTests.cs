using System.Diagnostics;
using Google.Protobuf;
using ModelCompiler.Onnx.Protos;
using ModelCompiler.Onnx.Tests.Fixtures;
using static ModelCompiler.Onnx.Tests.Fixtures.Build;

namespace ModelCompiler.Onnx.Tests.ExternalData;

public sealed class ExternalDataReaderTests : IDisposable
{
    private static readonly byte[] Weights = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
    private static readonly byte[] Expected = [.. Weights.Take(16)];
    private readonly TemporaryFolder _folder = new();

    public ExternalDataReaderTests()
    {
        Directory.CreateDirectory(_folder["model/sub"]);
        Directory.CreateDirectory(_folder["allowed"]);
        File.WriteAllBytes(_folder["model/weights.bin"], Weights);
        File.WriteAllBytes(_folder["model/sub/weights.bin"], Weights);
        File.WriteAllBytes(_folder["allowed/weights.bin"], Weights);
        File.WriteAllBytes(_folder["canary.bin"], Weights);
    }

    [Theory]
    [InlineData("weights.bin")]
    [InlineData("./weights.bin")]
    [InlineData("sub/weights.bin")]
    [InlineData("sub\\weights.bin")]
    public void Reads_a_part_of_a_file_beside_the_model(string location)
    {
        Tensor tensor = ReadTensor(("location", location), ("offset", "8"), ("length", "16"));
        Assert.Equal(Weights.AsSpan(8, 16), tensor.Bytes);
        byte[] part = new byte[4];
        tensor.Data.Read(12, part);
        Assert.Equal(Weights.AsSpan(20, 4), part.AsSpan());
    }

    [Fact]
    public void Offset_and_length_may_be_left_out() => Assert.Equal(Expected, ReadTensor(("location", "weights.bin")).Bytes);

    [Fact]
    public void A_checksum_is_that_of_the_whole_file()
    {
        // SHA-1 of the bytes 0 to 63.
        Assert.Equal(Expected, ReadTensor(("location", "weights.bin"), ("checksum", "c6138d514ffa2135bfce0ed0b8fac65669917ec7")).Bytes);
        AssertRefused("checksum", ("location", "weights.bin"), ("checksum", new string('0', 40)));
    }

    /// <summary>Names that lead out of the folder, or would on another system.</summary>
    public static TheoryData<string> UnsafeLocations =>
    [
        "", ".", "./", "..", "../canary.bin", "sub/../../canary.bin", "sub/../weights.bin", "sub\\..\\..\\canary.bin", "/etc/hostname", "\\canary.bin",
        "//server/share/x", "\\\\server\\share\\x", "\\\\?\\C:\\x", "\\\\.\\PhysicalDrive0", "C:\\x", "C:x", "weights.bin:stream", "file:///etc/hostname",
        "CON", "nul.bin", "sub/COM1", "lpt9.txt", "weights.bin.", "weights.bin ", ".. /canary.bin", "...", "we\nights.bin", "weights.bin\0", "*/_ORT_MEM_ADDR_/*",
    ];

    [Theory]
    [MemberData(nameof(UnsafeLocations))]
    public void A_location_outside_the_folder_is_refused(string location)
    {
        string error = AssertRefused("", ("location", location));
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "+1")]
    [InlineData("offset", "1e3")]
    [InlineData("offset", " 1")]
    [InlineData("offset", "")]
    [InlineData("offset", "49")]
    [InlineData("offset", "9223372036854775807")]
    [InlineData("offset", "9223372036854775808")]
    [InlineData("length", "15")]
    [InlineData("length", "17")]
    [InlineData("length", "-16")]
    [InlineData("mode", "rw")]
    [InlineData("location", "weights.bin")]
    public void A_range_outside_the_file_and_unknown_keys_are_refused(string key, string value) => AssertRefused("", ("location", "weights.bin"), (key, value));

    [Fact]
    public void A_petabyte_in_a_small_file_is_refused_without_allocating()
    {
        ModelProto model = WithExternal([1L << 48], ("location", "weights.bin"));
        OnnxReader.Read(WithExternal([4], ("location", "weights.bin")).ToByteArray(), _folder["model"]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("OM1006", Assert.Throws<CompilerException>(() => OnnxReader.Read(model.ToByteArray(), _folder["model"])).Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_tensor_beyond_two_gigabytes_is_found_by_its_offset()
    {
        const long Offset = 5L << 30;
        using (FileStream stream = File.Create(_folder["model/large.bin"]))
        {
            // Sparse: nothing before the end takes space on the disk.
            stream.Position = Offset;
            stream.Write(Weights);
        }
        Assert.Equal(Expected, ReadTensor(("location", "large.bin"), ("offset", $"{Offset}")).Bytes);
        AssertRefused("outside", ("location", "large.bin"), ("offset", $"{Offset + 49}"));
    }

    [Theory]
    [InlineData("missing.bin", "not beside the model")]
    [InlineData("sub", "not beside the model")]
    [InlineData("empty.bin", "empty")]
    public void A_file_that_is_not_there_is_named(string location, string text)
    {
        File.WriteAllBytes(_folder["model/empty.bin"], []);
        Assert.Contains(text, AssertRefused(location, ("location", location)), StringComparison.Ordinal);
    }

    [Fact(Timeout = 10_000)]
    public async Task A_pipe_is_refused_and_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in folders.");
        using var mkfifo = Process.Start("mkfifo", [_folder["model/pipe"]]);
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        await Task.Run(() => AssertRefused("pipe", ("location", "pipe")), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_model_from_memory_has_no_folder()
    {
        byte[] bytes = WithExternal([4], ("location", "weights.bin")).ToByteArray();
        Assert.Equal("OM1006", Assert.Throws<CompilerException>(() => OnnxReader.Read(bytes)).Code);
    }

    [Theory]
    [InlineData("link.bin", "../canary.bin")]
    [InlineData("chain.bin", "link-to-link.bin")]
    [InlineData("folder/canary.bin", null)]
    [InlineData("loop.bin", "loop.bin")]
    public void A_link_that_leads_out_is_refused(string location, string? target)
    {
        if (target is not null) File.CreateSymbolicLink(_folder["model/" + location], target);
        if (location == "chain.bin") File.CreateSymbolicLink(_folder["model/link-to-link.bin"], _folder["canary.bin"]);
        Directory.CreateSymbolicLink(_folder["model/folder"], "..");
        AssertRefused("", ("location", location));
    }

    [Fact]
    public void A_link_inside_the_folder_is_followed()
    {
        File.CreateSymbolicLink(_folder["model/link.bin"], "sub/weights.bin");
        Assert.Equal(Expected, ReadTensor(("location", "link.bin")).Bytes);
    }

    [Fact]
    public void A_link_may_lead_into_the_folder_that_the_user_allows()
    {
        File.CreateSymbolicLink(_folder["model/link.bin"], "../allowed/weights.bin");
        byte[] bytes = WithExternal([4], ("location", "link.bin")).ToByteArray();
        AssertRefused("ExternalDataRoot", ("location", "link.bin"));
        Model model = OnnxReader.Read(bytes, _folder["model"], new ReadOptions { ExternalDataRoot = _folder["allowed"] });
        Assert.Equal(Expected, model.Graph.Initializers.Single().Initializer!.Bytes);
    }

    [Fact]
    public async Task A_file_swapped_for_a_link_while_it_is_opened_is_never_read()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Swaps files by renaming over them while another thread opens them.");
        byte[] secret = [.. Weights.Select(b => (byte)~b)];
        File.WriteAllBytes(_folder["canary.bin"], secret);
        byte[] bytes = WithExternal([4], ("location", "swapped.bin")).ToByteArray();
        using var stop = new CancellationTokenSource();
        Task swapper = Task.Run(() => Swap(stop.Token), TestContext.Current.CancellationToken);
        int read = 0, refused = 0;
        for (int i = 0; i < 1000; i++)
        {
            try
            {
                Model model = OnnxReader.Read(bytes, _folder["model"]);
                Assert.Equal(Expected, model.Graph.Initializers.Single().Initializer!.Bytes);
                read++;
            }
            catch (CompilerException e)
            {
                Assert.Equal("OM1006", e.Code);
                refused++;
            }
        }
        await stop.CancelAsync();
        await swapper;
        Assert.Equal(1000, read + refused);
    }

    private void Swap(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            File.WriteAllBytes(_folder["model/new"], Weights);
            File.Move(_folder["model/new"], _folder["model/swapped.bin"], overwrite: true);
            File.CreateSymbolicLink(_folder["model/new"], "../canary.bin");
            File.Move(_folder["model/new"], _folder["model/swapped.bin"], overwrite: true);
        }
    }

    private Tensor ReadTensor(params (string, string)[] entries)
    {
        Model model = OnnxReader.Read(WithExternal([4], entries).ToByteArray(), _folder["model"]);
        return model.Graph.Initializers.Single().Initializer!;
    }

    private string AssertRefused(string text, params (string, string)[] entries)
    {
        var error = Assert.Throws<CompilerException>(() => ReadTensor(entries));
        Assert.Equal("OM1006", error.Code);
        Assert.Contains("'w'", error.Message, StringComparison.Ordinal);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    private static ModelProto WithExternal(long[] dims, params (string Key, string Value)[] entries)
    {
        ModelProto model = Model(Relu());
        var tensor = new TensorProto { Name = "w", DataType = (int)ElementType.Float, Dims = { dims }, DataLocation = 1 };
        foreach ((string key, string value) in entries) tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        model.Graph.Initializer.Add(tensor);
        return model;
    }

    public void Dispose() => _folder.Dispose();
}
