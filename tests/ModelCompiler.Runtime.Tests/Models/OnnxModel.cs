using System.Globalization;

namespace ModelCompiler.Runtime.Tests.Models;

/// <summary>An ONNX model written node by node; field numbers are those of onnx.proto.</summary>
internal sealed class OnnxModel
{
    private readonly ProtoWriter _graph = new ProtoWriter().Text(2, "test");

    public int Opset { get; init; } = 17;

    /// <summary>A tensor type; dimensions are numbers, symbols, or empty for unknown. Null shape: unknown rank.</summary>
    public static ProtoWriter TensorType(TensorElementType type, object[]? shape)
    {
        var tensor = new ProtoWriter().Number(1, (long)type);
        if (shape is not null)
        {
            var dimensions = new ProtoWriter();
            foreach (object dimension in shape)
            {
                dimensions.Message(1, Dimension(dimension));
            }

            tensor.Message(2, dimensions);
        }

        return new ProtoWriter().Message(1, tensor);
    }

    public static ProtoWriter SequenceType(ProtoWriter element) => new ProtoWriter().Message(4, new ProtoWriter().Message(1, element));

    public static ProtoWriter MapType(TensorElementType key, ProtoWriter value) =>
        new ProtoWriter().Message(5, new ProtoWriter().Number(1, (long)key).Message(2, value));

    public static ProtoWriter OptionalType(ProtoWriter element) => new ProtoWriter().Message(9, new ProtoWriter().Message(1, element));

    public OnnxModel Input(string name, TensorElementType type, params object[] shape) => Input(name, TensorType(type, shape));

    public OnnxModel Input(string name, ProtoWriter type) => Value(11, name, type);

    public OnnxModel Output(string name, TensorElementType type, params object[] shape) => Output(name, TensorType(type, shape));

    public OnnxModel Output(string name, ProtoWriter type) => Value(12, name, type);

    public OnnxModel Initializer(string name, TensorElementType type, long[] shape, byte[] data)
    {
        _graph.Message(5, Tensor(type, shape, data).Text(8, name));
        return this;
    }

    public OnnxModel StringInitializer(string name, long[] shape, string[] values)
    {
        var tensor = new ProtoWriter();
        Array.ForEach(shape, dimension => tensor.Number(1, dimension));
        tensor.Number(2, (long)TensorElementType.String).Text(8, name);
        Array.ForEach(values, value => tensor.Text(6, value));
        _graph.Message(5, tensor);
        return this;
    }

    /// <summary>An initializer whose data is a whole file beside the model.</summary>
    public OnnxModel ExternalInitializer(string name, TensorElementType type, long[] shape, string file)
    {
        var tensor = new ProtoWriter();
        Array.ForEach(shape, dimension => tensor.Number(1, dimension));
        tensor.Number(2, (long)type).Text(8, name).Message(13, new ProtoWriter().Text(1, "location").Text(2, file)).Number(14, 1);
        _graph.Message(5, tensor);
        return this;
    }

    public OnnxModel Node(string op, string[] inputs, string[] outputs, string domain = "", params ProtoWriter[] attributes) =>
        NamedNode("", op, inputs, outputs, domain, attributes);

    public OnnxModel NamedNode(string name, string op, string[] inputs, string[] outputs, string domain = "", params ProtoWriter[] attributes)
    {
        var node = new ProtoWriter().Text(3, name);
        Array.ForEach(inputs, input => node.Text(1, input));
        Array.ForEach(outputs, output => node.Text(2, output));
        node.Text(4, op).Text(7, domain);
        Array.ForEach(attributes, attribute => node.Message(5, attribute));
        _graph.Message(1, node);
        return this;
    }

    public static ProtoWriter Attribute(string name, long value) => new ProtoWriter().Text(1, name).Number(3, value).Number(20, 2);

    public static ProtoWriter Attribute(string name, params long[] values)
    {
        var attribute = new ProtoWriter().Text(1, name);
        Array.ForEach(values, value => attribute.Number(8, value));
        return attribute.Number(20, 7);
    }

    public static ProtoWriter Attribute(string name, OnnxModel graph) => new ProtoWriter().Text(1, name).Message(6, graph._graph).Number(20, 5);

    public byte[] Build() => new ProtoWriter()
        .Number(1, 8)
        .Message(7, _graph)
        .Message(8, new ProtoWriter().Text(1, "").Number(2, Opset))
        .Message(8, new ProtoWriter().Text(1, "ai.onnx.ml").Number(2, 3))
        .ToArray();

    private static ProtoWriter Tensor(TensorElementType type, long[] shape, byte[] data)
    {
        var tensor = new ProtoWriter();
        Array.ForEach(shape, dimension => tensor.Number(1, dimension));
        return tensor.Number(2, (long)type).Bytes(9, data);
    }

    private static ProtoWriter Dimension(object dimension) => dimension switch
    {
        "" => new ProtoWriter(),
        string symbol => new ProtoWriter().Text(2, symbol),
        _ => new ProtoWriter().Number(1, Convert.ToInt64(dimension, CultureInfo.InvariantCulture)),
    };

    private OnnxModel Value(int field, string name, ProtoWriter type)
    {
        _graph.Message(field, new ProtoWriter().Text(1, name).Message(2, type));
        return this;
    }
}
