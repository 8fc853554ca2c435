using System.Text;
using Google.Protobuf;
using ModelCompiler.Onnx.Protos;
using static ModelCompiler.Onnx.Tests.Fixtures.Build;

namespace ModelCompiler.Onnx.Tests.Reading;

/// <summary>Files that are no models, and models that lie: each has its diagnostic, and none costs memory.</summary>
public class HostileFileTests
{
    /// <summary>What is wrong, the code, the file.</summary>
    public static TheoryData<string, string, byte[]> Files
    {
        get
        {
            var data = new TheoryData<string, string, byte[]>();
            foreach ((string what, string code, byte[] bytes) in NoModels()) data.Add(what, code, bytes);
            foreach ((string what, string code, ModelProto model) in Models()) data.Add(what, code, model.ToByteArray());
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Is_refused_with_its_own_diagnostic(string what, string code, byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<CompilerException>(() => OnnxReader.Read(bytes));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(error.Code == code, $"{what}: {error.Code} {error.Message}");
        Assert.InRange(allocated, 0, 1 << 20);
    }

    [Theory]
    [InlineData("torch.save", "PK\u0003\u0004")]
    [InlineData("TensorFlow Lite", "\u001c\0\0\0TFL3")]
    [InlineData("HDF5", "\u0089HDF\r\n\u001a\n")]
    [InlineData("pickle", "\u0080\u0004\u0095.")]
    [InlineData("safetensors", "\u0040\0\0\0\0\0\0\0{\"w\":{")]
    [InlineData("GGUF", "GGUF\u0003\0\0\0")]
    public void A_model_of_another_format_is_called_by_its_name(string name, string head)
    {
        var error = Assert.Throws<CompilerException>(() => OnnxReader.Read((byte[])[.. Encoding.Latin1.GetBytes(head), .. new byte[60]]));
        Assert.Equal("OM1002", error.Code);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(string, string, byte[])> NoModels()
    {
        yield return ("empty", "OM1011", []);
        yield return ("Git LFS pointer", "OM1008", "version https://git-lfs.github.com/spec/v1\noid sha256:06b3\nsize 10822323\n"u8.ToArray());
        yield return ("HTML", "OM1009", "<!DOCTYPE html><html><head><title>Sign in</title></head></html>"u8.ToArray());
        yield return ("XML after a byte order mark", "OM1009", [0xEF, 0xBB, 0xBF, .. "<?xml version='1.0'?><Error/>"u8]);
        yield return ("JSON", "OM1010", "{ \"ir_version\": 8 }"u8.ToArray());
        yield return ("text that ends inside a character", "OM1010", Encoding.UTF8.GetBytes(new string('ä', 300))[..^1]);
        yield return ("ZIP", "OM1002", [.. "PK\u0003\u0004"u8, .. new byte[60]]);
        yield return ("TensorFlow Lite", "OM1002", [0x1C, 0, 0, 0, .. "TFL3"u8, .. new byte[60]]);
        yield return ("zeros", "OM1002", new byte[4096]);
        byte[] noise = new byte[4096];
        new Random(7).NextBytes(noise);
        yield return ("noise", "OM1002", noise);
        yield return ("a message without a graph", "OM1002", new ModelProto { IrVersion = 8 }.ToByteArray());
        yield return ("graph given twice", "OM1004", [.. Model(Relu()).ToByteArray(), .. Model(Relu()).ToByteArray()]);
        yield return ("a field longer than its message", "OM1004", [0x08, 0x08, 0x3A, 0x04, 0x0A, 0x10, 0x00, 0x00, .. new byte[64]]);
        yield return ("a group that is never closed", "OM1004", [0x08, 0x08, 0x3A, 0x01, 0x0B, .. new byte[64]]);
    }

    private static IEnumerable<(string, string, ModelProto)> Models()
    {
        yield return ("no operator sets", "OM1004", new ModelProto { IrVersion = 8, Graph = Relu() });
        yield return ("one operator set in two versions", "OM1004", With(m => m.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 3 })));
        yield return ("an undefined input", "OM1004", WithGraph(g => g.Node[0].Input[0] = "nowhere"));
        yield return ("an undefined output", "OM1004", WithGraph(g => g.Output[0].Name = "nowhere"));
        yield return ("a value defined twice", "OM1004", WithGraph(g => g.Node.Add(Node("Relu", ["x"], ["y"]))));
        yield return ("an input named twice", "OM1004", WithGraph(g => g.Input.Add(Floats("x", 2))));
        yield return ("a cycle", "OM1004", WithGraph(g => g.Node[0].Input[0] = "y"));
        yield return ("a node without an operator", "OM1004", WithGraph(g => g.Node[0].OpType = ""));
        yield return ("an attribute twice", "OM1004", WithGraph(g => g.Node[0].Attribute.Add([Int("a", 1), Int("a", 2)])));
        yield return ("an attribute without its value", "OM1004", WithGraph(g => g.Node[0].Attribute.Add(new AttributeProto { Name = "t", Type = 4 })));
        yield return ("a compiled graph", "OM1012", WithGraph(g => { g.Node[0].OpType = "EPContext"; g.Node[0].Domain = "com.microsoft"; }));
        yield return ("a function twice", "OM1004", With(m => m.Functions.Add([new FunctionProto { Name = "f" }, new FunctionProto { Name = "f" }])));
        yield return ("data shorter than the shape", "OM1004", WithTensor(Raw("w", ElementType.Float, new byte[12], 4)));
        yield return ("data longer than the shape", "OM1004", WithTensor(Raw("w", ElementType.Float, new byte[20], 4)));
        yield return ("packed data of the wrong length", "OM1004", WithTensor(Raw("w", ElementType.Int4, new byte[1], 3)));
        yield return ("a negative dimension", "OM1004", WithTensor(Raw("w", ElementType.Float, [], -1)));
        yield return ("no data", "OM1004", WithTensor(Raw("w", ElementType.Float, [], 1L << 31)));
        yield return ("dimensions that overflow", "OM1005", WithTensor(Raw("w", ElementType.Float, [], long.MaxValue, 2)));
        yield return ("dimensions whose product wraps to zero", "OM1005", WithTensor(Raw("w", ElementType.Float, [], 1L << 32, 1L << 32)));
        yield return ("a size that overflows", "OM1005", WithTensor(Raw("w", ElementType.Double, [], 1L << 62)));
        yield return ("a tensor without a type", "OM1004", WithTensor(Raw("w", ElementType.Undefined, [])));
        yield return ("segments", "OM1004", WithTensor(new TensorProto { Name = "w", DataType = 1, Segment = new() { Begin = 0, End = 1 } }));
    }

    [Fact]
    public void More_attributes_than_any_operator_has_are_refused()
    {
        ModelProto model = WithGraph(g => g.Node[0].Attribute.Add(Enumerable.Range(0, 5000).Select(i => Int("a" + i, i))));
        Assert.Equal("OM1005", Assert.Throws<CompilerException>(() => Read(model)).Code);
    }

    [Fact]
    public void A_flood_of_empty_messages_is_refused_before_it_is_allocated()
    {
        // A graph of 3 million nodes in 6 MB; each would be an object of hundreds of bytes.
        byte[] nodes = new byte[6_000_000];
        for (int i = 0; i < nodes.Length; i += 2) nodes[i] = 0x0A;
        byte[] bytes = [0x08, 0x08, .. Field(7, nodes)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("OM1005", Assert.Throws<CompilerException>(() => OnnxReader.Read(bytes)).Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(content));
        }
        return stream.ToArray();
    }

    private static ModelProto With(Action<ModelProto> change)
    {
        ModelProto model = Model(Relu());
        change(model);
        return model;
    }

    private static ModelProto WithGraph(Action<GraphProto> change) => With(m => change(m.Graph));

    private static ModelProto WithTensor(TensorProto tensor) => WithGraph(g => g.Initializer.Add(tensor));
}
