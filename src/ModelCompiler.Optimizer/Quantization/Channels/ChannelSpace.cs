using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization.Channels;

/// <summary>
/// Tensors [batch, channels, …] that share their channels: a convolution makes them, operators that treat each channel for itself hand them on,
/// and convolutions read them. As long as all of them are known, channels can be added that are zero in the weights of those that make them, and
/// met by zeros in those that read them: every answer stays as it is, to the bit.
/// </summary>
internal sealed class ChannelSpace
{
    private const int Axis = 1;

    /// <summary>
    /// Operators of one operand that keep channels apart, and finite numbers finite: what meets a weight of zero must not be infinite.
    /// </summary>
    private static readonly FrozenSet<string> Unary = FrozenSet.ToFrozenSet([
        "QuantizeLinear", "DequantizeLinear", "Relu", "Clip", "LeakyRelu", "Elu", "Selu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Erf", "Gelu", "Softplus",
        "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "Identity"]);

    private static readonly FrozenSet<string> Binary = FrozenSet.ToFrozenSet(["Add", "Sub", "Mul"]);

    private readonly HashSet<Value> _values = [];
    private readonly Queue<Value> _open = [];
    private readonly HashSet<Node> _makers = [], _readers = [], _depthwise = [];
    private readonly HashSet<(Node Node, int Input, int Axis)> _operands = [];

    private ChannelSpace(long channels) => Channels = channels;

    /// <summary>How many there are.</summary>
    public long Channels { get; }

    /// <summary>Convolutions that give the channels, from other ones.</summary>
    public IReadOnlyCollection<Node> Makers => _makers;

    /// <summary>Convolutions that make others out of the channels.</summary>
    public IReadOnlyCollection<Node> Readers => _readers;

    /// <summary>Convolutions of each channel for itself.</summary>
    public IReadOnlyCollection<Node> Depthwise => _depthwise;

    /// <summary>The space that a tensor belongs to, or why its channels are fixed.</summary>
    public static (ChannelSpace? Space, string? Reason) Of(Value start)
    {
        if (start.Shape is not { Rank: > 2 } shape || shape[Axis].ValueOrNull is not { } channels) return (null, "its channels are not known");
        var space = new ChannelSpace(channels);
        space.Join(start);
        while (space._open.TryDequeue(out Value? value))
            if (space.Follow(value) is { } reason) return (null, reason);
        return (space, null);
    }

    /// <summary>Whether a convolution has one filter for each channel.</summary>
    public static bool IsDepthwise(Node conv) =>
        ProductConstant.Of(conv, 1) is { } weights && weights.Dims[1] == 1 && weights.Dims[0] > 1 && conv.Attributes.GetInt("group", 1) == weights.Dims[0];

    /// <summary>Adds channels of zeros up to a number.</summary>
    public void Widen(long channels)
    {
        foreach (Node conv in _depthwise) conv.Attributes.Set("group", channels);
        foreach (Node conv in _makers.Concat(_depthwise))
        {
            ProductConstant.Widen(conv, 1, 0, channels);
            if (conv.Input(2) is not null) ProductConstant.Widen(conv, 2, 0, channels);
        }
        foreach (Node conv in _readers) ProductConstant.Widen(conv, 1, 1, channels);
        foreach ((Node node, int input, int axis) in _operands) ProductConstant.Widen(node, input, axis, channels);
        foreach (Value value in _values) value.Type = value.TensorType! with { Shape = value.Shape!.With(Axis, channels) };
    }

    private void Join(Value value)
    {
        if (_values.Add(value)) _open.Enqueue(value);
    }

    /// <summary>Looks at what makes and what reads a tensor; gives what holds its channels fast.</summary>
    private string? Follow(Value value)
    {
        if (value.IsInput || value.IsOutput || value.Producer is null) return "its channels are those of the model's inputs or outputs";
        if (value.Shape is not { Rank: > 2 } shape || shape[Axis].ValueOrNull != Channels) return "its channels are not known everywhere";
        if (TryMember(value.Producer, isReader: false) is { } reason) return reason;
        foreach (Use use in value.Uses)
        {
            if (use.Index != 0 && !Binary.Contains(use.Node.OpType)) return $"{use.Node} takes it as a parameter";
            if (TryMember(use.Node, isReader: true) is { } refused) return refused;
        }
        return null;
    }

    private string? TryMember(Node node, bool isReader)
    {
        if (node.Domain.Length > 0 || node.Outputs.Length != 1) return $"{node} mixes channels";
        if (node.Is("Conv")) return TryConvolution(node, isReader);
        bool isBinary = Binary.Contains(node.OpType);
        if (!isBinary && !Unary.Contains(node.OpType)) return $"{node} mixes channels";
        if (node.OpType is "QuantizeLinear" or "DequantizeLinear" && node.Constant(1) is not { ElementCount: 1 }) return $"{node} has a scale for each channel";
        Join(node.Outputs[0]);
        if (!isBinary) Join(node.Inputs[0]!);
        return isBinary ? TryOperands(node) : null;
    }

    private string? TryConvolution(Node conv, bool isReader)
    {
        if (ProductConstant.Of(conv, 1) is null || (conv.Input(2) is not null && ProductConstant.Of(conv, 2) is null)) return $"the weights of {conv} are not its own";
        if (IsDepthwise(conv))
        {
            _depthwise.Add(conv);
            Join(conv.Inputs[0]!);
            Join(conv.Outputs[0]);
            return null;
        }
        if (conv.Attributes.GetInt("group", 1) != 1) return $"{conv} has groups of channels";
        (isReader ? _readers : _makers).Add(conv);
        return null;
    }

    private string? TryOperands(Node node)
    {
        int rank = node.Outputs[0].Shape?.Rank ?? 0;
        for (int i = 0; i < 2; i++)
        {
            Value operand = node.Inputs[i]!;
            if (operand.Shape is not { } shape || rank < shape.Rank) return $"the operands of {node} are not known";
            int axis = Axis - (rank - shape.Rank);
            // One number for all channels stays one.
            if (axis < 0 || shape[axis].ValueOrNull == 1) continue;
            if (shape[axis].ValueOrNull != Channels) return $"the operands of {node} are not known";
            if (ProductConstant.Of(node, i) is not null) _operands.Add((node, i, axis));
            else if (axis == Axis) Join(operand);
            else return $"{node} mixes channels";
        }
        return null;
    }
}
