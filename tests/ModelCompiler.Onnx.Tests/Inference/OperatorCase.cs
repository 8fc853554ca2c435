using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelCompiler.Onnx.Tests.Inference;

/// <summary>
/// Infers one operator from a line of text. Inputs: <c>f[2,n,?]</c> a type, <c>f[...]</c> one of unknown rank, <c>?</c> nothing known, <c>_</c> left out,
/// <c>i{1,-1}</c> a constant vector, <c>i=3</c> a constant scalar, <c>i&lt;2,n&gt;</c> a computed vector of known elements (sizes).
/// Attributes: <c>axis=1 perm=[0,2,1] alpha=0.5 mode='linear' empty=[]</c>. Expected: <c>f[2,n] i[2]</c>, an output per word, <c>?</c> for no type.
/// </summary>
internal static partial class OperatorCase
{
    private static readonly Dictionary<string, ElementType> Elements = new()
    {
        ["f"] = ElementType.Float,
        ["h"] = ElementType.Float16,
        ["d"] = ElementType.Double,
        ["i"] = ElementType.Int64,
        ["i32"] = ElementType.Int32,
        ["u32"] = ElementType.UInt32,
        ["i8"] = ElementType.Int8,
        ["u8"] = ElementType.UInt8,
        ["b"] = ElementType.Bool,
        ["s"] = ElementType.String,
        ["u4"] = ElementType.UInt4,
        ["e4m3"] = ElementType.Float8E4M3FN,
        ["c64"] = ElementType.Complex64,
    };

    /// <summary>The sizes that symbols have when a case is run.</summary>
    private static readonly Dictionary<string, Dim> Sizes = new()
    {
        ["n"] = 2,
        ["b"] = 3,
        ["c"] = 6,
        ["s"] = 5,
        ["t"] = 4,
        ["h"] = 9,
        ["w"] = 12,
        ["k"] = 3,
        ["m"] = 7,
    };

    /// <summary>Compares what is inferred with what is expected, and both with what ONNX Runtime computes where every size is known or has a name.</summary>
    public static void Check(string op, long opset, string inputs, string attributes, string expected)
    {
        CheckInferred(op, opset, inputs, attributes, expected);
        if (!IsUnknown(inputs) && !IsUnknown(expected)) CheckRun(op, opset, inputs, attributes, expected);
    }

    /// <summary>Compares what is inferred with what is expected: for operators and types that ONNX Runtime's CPU provider does not have.</summary>
    public static void CheckInferred(string op, long opset, string inputs, string attributes, string expected)
    {
        (Node node, InferenceResult result) = Infer(op, opset, inputs, attributes, Count(expected));
        Assert.Equal(expected, Text(node));
        Assert.Empty(result.Contradictions);
        if (IsUnknown(inputs)) return;
        bool isComplete = !IsUnknown(expected);
        Assert.True(isComplete == !result.Unknown.Any(), string.Join("; ", result.Unknown));
    }

    /// <summary>Compares what is inferred with what is expected where the node contradicts itself, and says so.</summary>
    public static void CheckContradiction(string op, long opset, string inputs, string attributes, string expected)
    {
        (Node node, InferenceResult result) = Infer(op, opset, inputs, attributes, Count(expected));
        Assert.Equal(expected, Text(node));
        Assert.NotEmpty(result.Contradictions);
    }

    private static bool IsUnknown(string types) => types.Contains('?', StringComparison.Ordinal) || types.Contains("...", StringComparison.Ordinal);

    /// <summary>The number of types in a text: a space inside of brackets belongs to a dimension.</summary>
    private static int Count(string types)
    {
        int depth = 0, count = 1;
        foreach (char c in types)
        {
            depth += c is '[' or '(' ? 1 : c is ']' or ')' ? -1 : 0;
            if (c == ' ' && depth == 0) count++;
        }
        return count;
    }

    private static void CheckRun(string op, long opset, string inputs, string attributes, string expected)
    {
        (Model model, Node node) = Build(op, opset, inputs, attributes, Count(expected));
        model.InferTypes();
        foreach (Value output in node.Outputs) model.Graph.AddOutput(output);
        TensorType[] actual = RuntimeShapes.Run(model, Sizes);
        for (int i = 0; i < actual.Length; i++)
        {
            var inferred = (TensorType)node.Outputs[i].Type!;
            Assert.Equal(actual[i], inferred with { Shape = RuntimeShapes.At(inferred.Shape!, Sizes) });
        }
    }

    public static (Node Node, InferenceResult Result) Infer(string op, long opset, string inputs, string attributes = "", int outputs = 1)
    {
        (Model model, Node node) = Build(op, opset, inputs, attributes, outputs);
        return (node, model.InferTypes());
    }

    public static (Model Model, Node Node) Build(string op, long opset, string inputs, string attributes = "", int outputs = 1)
    {
        var graph = new Graph("case");
        // Operator sets up to 22 came with this version of the format.
        var model = new Model(graph) { IrVersion = 10 };
        int dot = op.LastIndexOf('.');
        model.Opsets[""] = dot < 0 ? opset : 17;
        if (dot >= 0) model.Opsets[op[..dot]] = opset;
        Value?[] values = [.. inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((text, i) => Input(graph, text, i))];
        Node node = graph.AddNode(op[(dot + 1)..], values, outputs, dot < 0 ? "" : op[..dot]);
        foreach (string attribute in attributes.Split(' ', StringSplitOptions.RemoveEmptyEntries)) node.Attributes.Set(Attribute(attribute));
        return (model, node);
    }

    public static string Text(Node node) => string.Join(' ', node.Outputs.ToArray().Select(o => Text(o.Type)));

    public static string Text(OnnxType? type) => type switch
    {
        TensorType tensor => Elements.FirstOrDefault(e => e.Value == tensor.ElementType).Key + (tensor.Shape?.ToString() ?? "[...]"),
        SequenceType sequence => $"seq({Text(sequence.Element)})",
        OptionalType optional => $"opt({Text(optional.Element)})",
        MapType map => $"map({Elements.First(e => e.Value == map.Key).Key},{Text(map.Value)})",
        null => "?",
        _ => type.ToString(),
    };

    public static OnnxType? Type(string text)
    {
        if (text.StartsWith("seq(", StringComparison.Ordinal)) return new SequenceType(Type(text[4..^1]));
        if (text.StartsWith("opt(", StringComparison.Ordinal)) return new OptionalType(Type(text[4..^1]));
        if (text == "?") return null;
        int bracket = text.IndexOf('[', StringComparison.Ordinal);
        string inner = text[(bracket + 1)..^1];
        Shape? shape = inner == "..." ? null : new Shape([.. inner.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Dimension)]);
        return new TensorType(Elements[text[..bracket]], shape);
    }

    private static Dim Dimension(string text) => text == "?" ? Dim.Unknown : long.TryParse(text, out long number) ? Dim.Of(number) : Dim.Named(text);

    private static Value? Input(Graph graph, string text, int index)
    {
        if (text == "_") return null;
        string name = $"in{index}";
        Match constant = ConstantPattern().Match(text);
        if (!constant.Success) return graph.AddInput(name, Type(text));
        ElementType element = Elements[constant.Groups["type"].Value];
        string[] items = constant.Groups["items"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return constant.Groups["open"].Value switch
        {
            "=" => graph.AddInitializer(name, Constant(element, items, [])),
            "{" => graph.AddInitializer(name, Constant(element, items, [items.Length])),
            _ => Computed(graph, items),
        };
    }

    /// <summary>The shape of an input of those dimensions: elements that are known, and no constant.</summary>
    private static Value Computed(Graph graph, string[] items)
    {
        Value source = graph.AddInput("source", new TensorType(ElementType.Float, new Shape([.. items.Select(Dimension)])));
        return graph.AddNode("Shape", [source]).Output;
    }

    private static Tensor Constant(ElementType type, string[] items, long[] dims) => type switch
    {
        ElementType.Int64 => Tensor.Create<long>(Parse<long>(items), dims),
        ElementType.Int32 => Tensor.Create<int>(Parse<int>(items), dims),
        ElementType.UInt8 => Tensor.Create<byte>(Parse<byte>(items), dims),
        ElementType.Float => Tensor.Create<float>(Parse<float>(items), dims),
        ElementType.Bool => Tensor.Create<bool>(items.Select(x => x == "1").ToArray(), dims),
        _ => throw new ArgumentException($"no constants of {type}"),
    };

    private static T[] Parse<T>(string[] items) where T : IParsable<T> => Array.ConvertAll(items, x => T.Parse(x, CultureInfo.InvariantCulture));

    private static NodeAttribute Attribute(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = text[..equals];
        string value = text[(equals + 1)..];
        if (value.StartsWith('\'')) return new NodeAttribute(name, value.Trim('\''));
        if (!value.StartsWith('[')) return value.Contains('.', StringComparison.Ordinal) ? new NodeAttribute(name, float.Parse(value, CultureInfo.InvariantCulture)) : new NodeAttribute(name, long.Parse(value, CultureInfo.InvariantCulture));
        string[] items = value[1..^1].Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (items.Length > 0 && items[0].StartsWith('\'')) return new NodeAttribute(name, Array.ConvertAll(items, x => x.Trim('\'')));
        return items.Any(x => x.Contains('.', StringComparison.Ordinal)) ? new NodeAttribute(name, Parse<float>(items)) : new NodeAttribute(name, Parse<long>(items));
    }

    [GeneratedRegex(@"^(?<type>[a-z0-9]+)(?<open>[={<])(?<items>[^}>]*)[}>]?$", RegexOptions.ExplicitCapture)]
    private static partial Regex ConstantPattern();
}
