using ModelCompiler.Onnx.Protos;
using ModelCompiler.Onnx.Tests.Fixtures;

namespace ModelCompiler.Onnx.Tests.ExternalData;

public sealed class ExternalDataWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Weights_above_the_threshold_are_written_beside_the_model_aligned_and_once()
    {
        Model model = Sample();
        OnnxWriter.Write(model, _folder["m.onnx"], new WriteOptions { ExternalData = true, ExternalDataThreshold = 64 });

        Dictionary<string, TensorProto> tensors = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder["m.onnx"])).Graph.Initializer.ToDictionary(t => t.Name);
        Assert.Equal(0, tensors["small"].DataLocation);
        Assert.Equal(["m.onnx.data", "0", "100"], tensors["middle"].ExternalData.Select(e => e.Value));
        Assert.Equal(["m.onnx.data", "4096", "300000"], tensors["large"].ExternalData.Select(e => e.Value));
        Assert.Equal(tensors["large"].ExternalData, tensors["shared"].ExternalData);
        Assert.Equal(4096 + 300_000, new FileInfo(_folder["m.onnx.data"]).Length);

        Model again = OnnxReader.Read(_folder["m.onnx"]);
        Assert.Equal(OnnxWriter.ToBytes(model), OnnxWriter.ToBytes(again));
    }

    [Fact]
    public void A_model_is_rewritten_over_the_files_that_its_weights_are_read_from()
    {
        var options = new WriteOptions { ExternalData = true, ExternalDataThreshold = 0 };
        Model model = Sample();
        OnnxWriter.Write(model, _folder["m.onnx"], options);
        OnnxWriter.Write(OnnxReader.Read(_folder["m.onnx"]), _folder["m.onnx"], options);
        Assert.Equal(OnnxWriter.ToBytes(model), OnnxWriter.ToBytes(OnnxReader.Read(_folder["m.onnx"])));
    }

    [Fact]
    public void Nothing_is_left_and_nothing_is_lost_when_writing_fails()
    {
        OnnxWriter.Write(Sample(), _folder["m.onnx"], new WriteOptions { ExternalData = true });
        byte[] before = File.ReadAllBytes(_folder["m.onnx"]);
        Model broken = Sample();
        broken.Graph.AddInitializer("gone", new Tensor(ElementType.UInt8, [5000], new LostData(5000)));
        Assert.Equal("OM6001", Assert.Throws<CompilerException>(() => OnnxWriter.Write(broken, _folder["m.onnx"], new WriteOptions { ExternalData = true })).Code);
        Assert.Equal(["m.onnx", "m.onnx.data"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(before, File.ReadAllBytes(_folder["m.onnx"]));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_a_diagnostic()
    {
        File.WriteAllText(_folder["file"], "");
        Assert.Equal("OM6002", Assert.Throws<CompilerException>(() => OnnxWriter.Write(Sample(), _folder["file/m.onnx"])).Code);
    }

    [Fact]
    public void A_model_of_more_than_two_gigabytes_does_not_become_one_array()
    {
        Model model = Sample();
        for (int i = 0; i < 3; i++) model.Graph.AddInitializer("huge" + i, new Tensor(ElementType.UInt8, [1_000_000_000], new LostData(1_000_000_000)));
        Assert.Equal("OM1013", Assert.Throws<CompilerException>(() => OnnxWriter.ToBytes(model)).Code);
        // It goes to a second file without being asked: what cannot be read is noticed there.
        Assert.Equal("OM6001", Assert.Throws<CompilerException>(() => OnnxWriter.Write(model, _folder["m.onnx"])).Code);
    }

    [Fact]
    public void Weights_that_come_from_files_go_to_a_file_where_loading_them_would_take_much_memory()
    {
        Model model = Sample();
        model.Graph.AddInitializer("stored", new Tensor(ElementType.UInt8, [513 << 20], new StoredData(513 << 20)));
        OnnxWriter.Write(model, _folder["m.onnx"]);
        Assert.InRange(new FileInfo(_folder["m.onnx.data"]).Length, 513 << 20, 514 << 20);
        Assert.InRange(new FileInfo(_folder["m.onnx"]).Length, 1, 10_000);
    }

    private static Model Sample()
    {
        var graph = new Graph("g");
        var model = new Model(graph) { Opsets = { [""] = 17 } };
        byte[] bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        var data = TensorData.InMemory(bytes);
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(1)));
        graph.AddInitializer("small", Tensor.Vector<byte>(1, 2, 3));
        graph.AddInitializer("middle", new Tensor(ElementType.UInt8, [100], bytes.AsMemory(0, 100)));
        graph.AddInitializer("large", new Tensor(ElementType.UInt8, [300_000], data));
        graph.AddInitializer("shared", new Tensor(ElementType.UInt8, [3, 100_000], data));
        graph.AddOutput(graph.AddNode("Relu", [x]).Output);
        return model;
    }

    /// <summary>Zeros that come from a file, as far as anyone can see; never all in memory.</summary>
    private sealed class StoredData(long length) : TensorData
    {
        public override long Length => length;

        public override bool IsInFile => true;

        public override void Read(long offset, Span<byte> destination) => destination.Clear();
    }

    private sealed class LostData(long length) : TensorData
    {
        public override long Length => length;

        public override void Read(long offset, Span<byte> destination) => throw new CompilerException("OM6001", "lost");
    }

    public void Dispose() => _folder.Dispose();
}
