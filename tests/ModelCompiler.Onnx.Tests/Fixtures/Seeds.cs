using Google.Protobuf;
using ModelCompiler.Onnx.Protos;
using static ModelCompiler.Onnx.Tests.Fixtures.Build;

namespace ModelCompiler.Onnx.Tests.Fixtures;

/// <summary>Small files that between them have every construct of the format, to be cut and mutated.</summary>
internal static class Seeds
{
    public static IReadOnlyList<byte[]> All { get; } = [Relu().InModel(), Attributes().InModel(), Types().InModel(), Tensors().InModel(), Control().InModel(), WithFunction()];

    private static byte[] InModel(this GraphProto graph) => Model(graph).ToByteArray();

    /// <summary>A node with an attribute of each kind.</summary>
    public static GraphProto Attributes()
    {
        var sparse = new SparseTensorProto { Values = Raw("s", ElementType.Float, new byte[4], 1), Indices = Raw("i", ElementType.Int64, new byte[8], 1), Dims = { 5 } };
        TypeProto type = TensorOf(ElementType.Int64, 3);
        NodeProto node = Node("Everything", ["x", "", "x"], ["y", "", "z"],
            new() { Name = "f", Type = 1, F = 1.5f },
            Int("i", -3),
            new() { Name = "s", Type = 3, S = ByteString.CopyFrom(0xFF, 0x00, 0x41) },
            new() { Name = "t", Type = 4, T = Raw("named", ElementType.Float, new byte[8], 2) },
            Graph("g", Relu("x1", "y1")),
            new() { Name = "fs", Type = 6, Floats = { 1, 2 } },
            new() { Name = "is", Type = 7, Ints = { 1, -1 } },
            new() { Name = "ss", Type = 8, Strings = { ByteString.CopyFromUtf8("a"), ByteString.Empty } },
            new() { Name = "ts", Type = 9, Tensors = { Raw("", ElementType.Bool, [1], 1) } },
            new() { Name = "gs", Type = 10, Graphs = { Relu("x2", "y2"), Relu("x3", "y3") } },
            new() { Name = "st", Type = 11, SparseTensor = sparse },
            new() { Name = "sts", Type = 12, SparseTensors = { sparse } },
            new() { Name = "tp", Type = 13, Tp = type },
            new() { Name = "tps", Type = 14, TypeProtos = { type, type } });
        node.Domain = "test";
        node.DocString = "documentation";
        return new GraphProto { Name = "attributes", Input = { Floats("x", 2) }, Output = { Floats("y", 2), Floats("z", 2) }, Node = { node } };
    }

    /// <summary>An input of each kind of type.</summary>
    public static GraphProto Types()
    {
        TypeProto tensor = TensorOf(ElementType.Float16, 1, 2);
        tensor.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "n", Denotation = "DATA_BATCH" });
        tensor.TensorType.Shape.Dim.Add(new TensorShapeProto.Types.Dimension());
        tensor.Denotation = "IMAGE";
        TypeProto[] types =
        [
            tensor,
            new() { TensorType = new() { ElemType = 1 } },
            new() { SparseTensorType = new() { ElemType = 1, Shape = tensor.TensorType.Shape } },
            new() { SequenceType = new() { ElemType = tensor } },
            new() { OptionalType = new() { ElemType = new() { SequenceType = new() { ElemType = tensor } } } },
            new() { MapType = new() { KeyType = (int)ElementType.String, ValueType = tensor } },
            new() { OpaqueType = new() { Domain = "d", Name = "n" } },
        ];
        var graph = new GraphProto { Name = "types" };
        for (int i = 0; i < types.Length; i++) graph.Input.Add(new ValueInfoProto { Name = "x" + i, Type = types[i], DocString = "input " + i });
        graph.Output.Add(graph.Input[0]);
        return graph;
    }

    /// <summary>An initializer in each of the typed fields.</summary>
    public static GraphProto Tensors() => new()
    {
        Name = "tensors",
        Initializer =
        {
            new TensorProto { Name = "float", DataType = 1, Dims = { 2 }, FloatData = { 1, 2 } },
            new TensorProto { Name = "int8", DataType = 3, Dims = { 2 }, Int32Data = { -1, 2 } },
            new TensorProto { Name = "int64", DataType = 7, Dims = { 1, 2 }, Int64Data = { 1, 2 } },
            new TensorProto { Name = "string", DataType = 8, Dims = { 2 }, StringData = { ByteString.CopyFromUtf8("a"), ByteString.Empty } },
            new TensorProto { Name = "double", DataType = 11, DoubleData = { 1 } },
            new TensorProto { Name = "uint64", DataType = 13, Dims = { 1 }, Uint64Data = { ulong.MaxValue } },
            new TensorProto { Name = "int4", DataType = 22, Dims = { 3 }, Int32Data = { 0x21, 0x03 } },
            Raw("raw", ElementType.BFloat16, new byte[6], 3),
        },
        Output = { new ValueInfoProto { Name = "raw" } },
    };

    /// <summary>If in If, with captured values.</summary>
    public static GraphProto Control()
    {
        static GraphProto Branch(string y) => new() { Name = "branch", Node = { Node("Relu", ["x"], [y]) }, Output = { Floats(y, 2) } };
        var inner = new GraphProto { Name = "inner", Node = { Node("If", ["c"], ["b"], Graph("then_branch", Branch("b1")), Graph("else_branch", Branch("b2"))) }, Output = { Floats("b", 2) } };
        return new GraphProto
        {
            Name = "control",
            Input = { Floats("x", 2), new ValueInfoProto { Name = "c", Type = TensorOf(ElementType.Bool) } },
            Node = { Node("If", ["c"], ["y"], Graph("then_branch", Branch("a")), Graph("else_branch", inner)) },
            Output = { Floats("y", 2) },
        };
    }

    /// <summary>A call of a local function that has a required attribute and one with a default.</summary>
    public static byte[] WithFunction()
    {
        GraphProto graph = Relu();
        graph.Node[0].OpType = "Scale";
        graph.Node[0].Domain = "local";
        graph.Node[0].Attribute.Add(new AttributeProto { Name = "alpha", Type = 1, F = 2 });
        ModelProto model = Model(graph);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        model.Functions.Add(new FunctionProto
        {
            Name = "Scale",
            Domain = "local",
            Input = { "a" },
            Output = { "b" },
            Attribute = { "alpha" },
            AttributeProto = { new AttributeProto { Name = "beta", Type = 1, F = 1 } },
            OpsetImport = { new OperatorSetIdProto { Version = 17 } },
            Node = { Node("LeakyRelu", ["a"], ["b"], new AttributeProto { Name = "alpha", Type = 1, RefAttrName = "alpha" }) },
        });
        return model.ToByteArray();
    }
}
