using Google.Protobuf;
using ModelCompiler.Onnx.Protos;
using static ModelCompiler.Onnx.Tests.Fixtures.Build;

namespace ModelCompiler.Onnx.Tests.Reading;

/// <summary>Nesting is accepted up to the limit and refused beyond it, however deep: a stack overflow would end the process.</summary>
public class DepthTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    public void Graphs_up_to_the_limit_are_read_and_written(int depth)
    {
        byte[] bytes = OnnxWriter.ToBytes(OnnxReader.Read(Nested(depth)));
        Assert.Equal(depth, OnnxReader.Read(bytes).Graph.AllGraphs().Count());
    }

    [Theory]
    [InlineData(33)]
    [InlineData(34)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void Deeper_graphs_are_refused(int depth) => AssertTooDeep(Nested(depth));

    [Theory]
    [InlineData(1)]
    [InlineData(47)]
    public void Types_up_to_the_limit_are_read_and_written(int depth)
    {
        ModelProto model = Model(Relu());
        model.Graph.Input[0].Type = Sequences(depth);
        Assert.Equal(model, Rewrite(model));
    }

    [Theory]
    [InlineData(48)]
    [InlineData(200)]
    [InlineData(1_000)]
    public void Deeper_types_are_refused(int depth)
    {
        ModelProto model = Model(Relu());
        model.Graph.Input[0].Type = Sequences(depth);
        AssertTooDeep(model.ToByteArray());
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(1_000_000, false)]
    public void Unknown_groups_count_as_messages(int depth, bool isAccepted)
    {
        // Field 99 of the model: groups in groups, which no version of the format has.
        byte[] start = [0x9B, 0x06], end = [0x9C, 0x06];
        byte[] bytes = [.. Model(Relu()).ToByteArray(), .. Repeat(start, depth), .. Repeat(end, depth)];
        if (isAccepted) Assert.Equal(bytes.Length, OnnxWriter.ToBytes(OnnxReader.Read(bytes)).Length);
        else AssertTooDeep(bytes);
    }

    private static void AssertTooDeep(byte[] bytes) => Assert.Equal("OM1005", Assert.Throws<CompilerException>(() => OnnxReader.Read(bytes)).Code);

    private static byte[] Repeat(byte[] bytes, int count) => [.. Enumerable.Repeat(bytes, count).SelectMany(b => b)];

    /// <summary>Sequences of sequences; the message of a type has two levels for each.</summary>
    private static TypeProto Sequences(int depth)
    {
        TypeProto type = TensorOf(ElementType.Float, 2);
        for (int i = 0; i < depth; i++) type = new TypeProto { SequenceType = new() { ElemType = type } };
        return type;
    }

    /// <summary>Graphs inside each other, the main graph counted; put together from the inside out, because the serializer would overflow.</summary>
    private static byte[] Nested(int depth)
    {
        // Prepending is quadratic; the parts are collected back to front instead.
        var parts = new List<byte[]>();
        int length = 0;
        void Prepend(byte[] part)
        {
            parts.Add(part);
            length += part.Length;
        }
        for (int i = 1; i < depth; i++)
        {
            // AttributeProto { g: <inner>, name: "g", type: GRAPH } of NodeProto { op_type: "N" } of GraphProto.
            byte[] rest = [0x0A, 0x01, (byte)'g', 0xA0, 0x01, 0x05];
            int inner = length;
            Prepend(Header(6, inner));
            Prepend(rest);
            Prepend(Header(5, length));
            Prepend([0x22, 0x01, (byte)'N']);
            Prepend(Header(1, length));
        }
        Prepend(Header(7, length));
        parts.Reverse();
        return [0x08, 0x08, 0x42, 0x02, 0x10, 0x11, .. parts.SelectMany(p => p)];
    }

    private static byte[] Header(int field, int length)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteLength(length);
        }
        return stream.ToArray();
    }
}
