using Google.Protobuf;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx.Tests.Fixtures;

/// <summary>Short forms to build files message by message: what the graph model could not hold or would refuse must be tested too.</summary>
internal static class Build
{
    public static ModelProto Model(GraphProto graph, long ir = 8, long opset = 17) =>
        new() { IrVersion = ir, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = opset } } };

    public static NodeProto Node(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes) =>
        new() { OpType = op, Input = { inputs }, Output = { outputs }, Attribute = { attributes } };

    public static ValueInfoProto Floats(string name, params long[] dims) => new() { Name = name, Type = TensorOf(ElementType.Float, dims) };

    public static TypeProto TensorOf(ElementType type, params long[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (long dim in dims) shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = dim });
        return new TypeProto { TensorType = new() { ElemType = (int)type, Shape = shape } };
    }

    public static TensorProto Raw(string name, ElementType type, byte[] bytes, params long[] dims) =>
        new() { Name = name, DataType = (int)type, Dims = { dims }, RawData = ByteString.CopyFrom(bytes) };

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = (int)AttributeKind.Int, I = value };

    public static AttributeProto Graph(string name, GraphProto value) => new() { Name = name, Type = (int)AttributeKind.Graph, G = value };

    /// <summary>x → Relu → y.</summary>
    public static GraphProto Relu(string x = "x", string y = "y") => new()
    {
        Name = "g",
        Input = { Floats(x, 2) },
        Output = { Floats(y, 2) },
        Node = { Node("Relu", [x], [y]) },
    };

    public static Model Read(ModelProto proto) => OnnxReader.Read(proto.ToByteArray());

    public static Model Read(GraphProto proto) => Read(Model(proto));

    public static ModelProto Rewrite(ModelProto proto) => ModelProto.Parser.ParseFrom(OnnxWriter.ToBytes(Read(proto)));
}
