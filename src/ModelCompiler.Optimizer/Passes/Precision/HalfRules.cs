using System.Collections.Frozen;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>Which nodes, and which of their inputs, stay in float32 when a graph is computed in 16 bits.</summary>
internal sealed class HalfRules
{
    /// <summary>Operators whose definition leaves float16 out, whose element type is an attribute, or that hold scales of integers.</summary>
    private static readonly FrozenSet<string> FloatOperators = new[]
    {
        "NonMaxSuppression", "Range", "Multinomial", "Bernoulli", "EyeLike", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
        "MelWeightMatrix", "HannWindow", "HammingWindow", "BlackmanWindow", "DFT", "STFT", "CumSum", "Det", "ImageDecoder", "TfIdfVectorizer",
        "SequenceConstruct", "SequenceAt", "SequenceInsert", "SequenceEmpty", "SequenceErase", "SequenceLength", "ConcatFromSequence", "SplitToSequence",
        "Optional", "OptionalGetElement", "OptionalHasElement", "ReverseSequence", "MaxUnpool", "MaxRoiPool", "Constant",
    }.ToFrozenSet();

    /// <summary>ONNX Runtime's own operators that take float16 wherever it is computed natively.</summary>
    private static readonly FrozenSet<string> HalfContribOperators = new[]
    {
        "Attention", "MultiHeadAttention", "GroupQueryAttention", "RotaryEmbedding", "Gelu", "FastGelu", "QuickGelu", "BiasGelu", "LayerNormalization",
        "SimplifiedLayerNormalization", "SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "GroupNorm", "FusedMatMul",
    }.ToFrozenSet();

    /// <summary>Arithmetic in which exporters compute sizes: exact in float32 up to 2²⁴, in float16 up to 2¹¹ only, in bfloat16 up to 2⁸.</summary>
    private static readonly FrozenSet<string> SizeArithmetic = new[]
    {
        "Add", "Sub", "Mul", "Div", "Floor", "Ceil", "Round", "Sqrt", "Neg", "Min", "Max", "Concat", "Slice", "Gather", "Unsqueeze", "Squeeze", "Reshape", "Identity", "Pow",
    }.ToFrozenSet();

    private readonly HalfFormat _format;
    private readonly TargetProfile _target;
    private readonly HashSet<Node> _inFloat = [];

    /// <summary>Decides for all nodes of a graph and its subgraphs, which must stand in topological order.</summary>
    public HalfRules(Graph graph, HalfFormat format, TargetProfile target)
    {
        (_format, _target) = (format, target);
        var sizes = new HashSet<Value>();
        foreach (Node node in graph.AllNodes())
        {
            bool isSize = IsSize(node, sizes);
            if (isSize)
                foreach (Value output in node.Outputs) sizes.Add(output);
            if (!isSize && Reason(node) is { } reason) Refusals.Add((node.ToString(), reason));
            else if (!isSize) continue;
            _inFloat.Add(node);
        }
    }

    /// <summary>Which nodes stay in float32, and why; those that compute sizes are not named.</summary>
    public List<(string Node, string Reason)> Refusals { get; } = [];

    /// <summary>Whether a node computes in float32.</summary>
    public bool IsInFloat(Node node) => _inFloat.Contains(node);

    /// <summary>Whether an input of floating point must be float32.</summary>
    public bool WantsFloat(Use use) => _inFloat.Contains(use.Node) || (use.Node.OpType is "Resize" && use.Index == 2) || (use.Node.OpType is "Upsample" && use.Index == 1);

    private static bool IsSize(Node node, HashSet<Value> sizes)
    {
        if (node.Is("Cast") && sizes.Contains(node.Inputs[0]!)) return true;
        if (node.Is("Cast") && node.Input(0)?.ElementType is ElementType.Int64 or ElementType.Int32) return node.Outputs[0].ElementType == ElementType.Float;
        if (node.Domain.Length > 0 || !SizeArithmetic.Contains(node.OpType)) return false;
        bool hasSize = false;
        foreach (Value? input in node.Inputs)
        {
            if (input?.ElementType != ElementType.Float) continue;
            if (sizes.Contains(input)) hasSize = true;
            else if (input.Initializer is null) return false;
        }
        return hasSize;
    }

    private string? Reason(Node node)
    {
        bool hasFloat = false;
        foreach (Value? input in node.Inputs) hasFloat |= input?.ElementType == ElementType.Float;
        foreach (Value output in node.Outputs) hasFloat |= output.ElementType == ElementType.Float;
        if (!hasFloat) return null;
        if (node.Domain.Length > 0 && !HalfContribOperators.Contains(node.OpType)) return $"stays in float32: {node.Domain} defines it";
        if (!Takes(node.OpType)) return $"stays in float32: the operator does not take {_format.Name}";
        foreach (Value? input in node.Inputs)
            if (input?.Initializer is { ElementType: ElementType.Float } constant && _format.Of(constant, out string? reason) is null) return $"stays in float32: of '{input}', {reason}";
        return null;
    }

    private bool Takes(string opType)
    {
        if (FloatOperators.Contains(opType) || opType.Contains("Linear", StringComparison.Ordinal)) return false;
        return _format.ElementType == ElementType.Float16 || _target.BFloat16Operators?.Contains(opType) == true;
    }
}
