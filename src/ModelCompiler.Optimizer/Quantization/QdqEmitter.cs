using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// Carries out a <see cref="QuantizationPlan"/>: QuantizeLinear behind every tensor that becomes integers, DequantizeLinear in front of every
/// node that the provider fuses, data movement on the integers between them.
/// </summary>
/// <remarks>
/// Scales and zero points of activations have rank 0, and the zero point is always there: with any other rank ONNX Runtime leaves Clip, Relu
/// and data movement unfused.
/// </remarks>
internal sealed class QdqEmitter
{
    private readonly Graph _graph;
    private readonly QuantizationPlan _plan;
    private readonly IReadOnlyDictionary<Value, ValueRange> _ranges;
    private readonly IntegerLayout _layout;
    private readonly ElementType _type;
    private readonly WeightEmitter _weights;

    /// <summary>The integer tensor, and how it was quantized, behind each value that DequantizeLinear gives.</summary>
    private readonly Dictionary<Value, (Value Integers, QuantizationParameters Parameters)> _integers = [];

    /// <summary>What is added to each value that is quantized, where it is one number.</summary>
    private readonly Dictionary<Value, IReadOnlyList<float>> _shifts;

    /// <summary>The dequantized stand-in, for nodes on integers, of values that floating point computes.</summary>
    private readonly Dictionary<Value, Value> _standIns = [];

    public QdqEmitter(Graph graph, QuantizationPlan plan, IReadOnlyDictionary<Value, ValueRange> ranges, TargetProfile target, ProductQuantizer products)
    {
        _graph = graph;
        _plan = plan;
        _ranges = ranges;
        _layout = target.Layout;
        _type = target.UnsignedActivations ? ElementType.UInt8 : ElementType.Int8;
        _weights = new WeightEmitter(graph, target, products);
        _shifts = ranges.Keys.ToDictionary(value => value, value => ConstantShift.Behind(value, plan));
    }

    public void Emit()
    {
        // What a node hands on is asked of the plan, which looks at the graph: before the graph is changed.
        var steps = new List<(Node Node, IntegerForm Form, Node? Clamp, bool HasFloatOutput)>();
        foreach ((Node node, IntegerForm form) in _plan.Forms)
            steps.Add((node, form, _plan.AbsorbedClamp(node.Outputs[0]), _plan.HasFloatOutput(node)));
        // Saturation is a clamp only where the lowest integer stands for its limit: a clamp stays where zero is in the middle.
        var absorbed = steps.Where(s => s.Clamp is not null && !s.HasFloatOutput).Select(s => s.Clamp).ToHashSet();

        foreach ((Node node, IntegerForm form, Node? clamp, bool hasFloatOutput) in steps)
        {
            if (absorbed.Contains(node)) continue;
            if (form is IntegerForm.Arithmetic && !_layout.WrapsNodes && TryShiftZero(node))
            {
                absorbed.Remove(clamp);
                continue;
            }
            QuantizeInputs(node);
            if (form is IntegerForm.Movement or IntegerForm.Clamp && _layout.WrapsNodes) KeepScale(node);
            else if (form is IntegerForm.Movement) MoveOnIntegers(node);
            else if (form is IntegerForm.Clamp) ClampOnIntegers(node);
            else if (form is IntegerForm.Scaling) ScaleIntegers(node);
            else if (!hasFloatOutput) QuantizeOutput(node, clamp);
        }
    }

    private void QuantizeInputs(Node node)
    {
        if (_plan.FormOf(node) == IntegerForm.Compute)
        {
            Value input = Dequantized(node.Inputs[0]!, node);
            node.SetInput(0, input);
            _weights.Emit(node, _integers[input].Parameters.Scale);
            return;
        }
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (QuantizationPlanner.IsActivation(node, i)) node.SetInput(i, Dequantized(node.Inputs[i]!, node));
            else if (_plan.FormOf(node) == IntegerForm.Arithmetic && node.Constant(i) is { } constant) node.SetInput(i, _weights.EmitConstant(constant, _type, node));
        }
    }

    /// <summary>The value as DequantizeLinear gives it; what floating point computes is quantized here.</summary>
    private Value Dequantized(Value value, Node user)
    {
        if (_integers.ContainsKey(value)) return value;
        if (_standIns.TryGetValue(value, out Value? standIn)) return standIn;
        if (Given(value) is { } given)
        {
            // What the model itself quantizes keeps its scale.
            _integers.Add(value, (value.Producer!.Inputs[0]!, given));
            return value;
        }
        QuantizationParameters parameters = ParametersFor(value);
        Value integers = AddQuantize(value, parameters, user);
        standIn = AddDequantize(integers, parameters, value.Type, user);
        _standIns.Add(value, standIn);
        return standIn;
    }

    private QuantizationParameters? Given(Value value)
    {
        if (value.Producer is not { } node || !node.Is("DequantizeLinear")) return null;
        if (node.Constant(1) is not { ElementType: ElementType.Float, Rank: 0 } scale || node.Constant(2) is not { Rank: 0 } zeroPoint || zeroPoint.ElementType != _type) return null;
        byte raw = zeroPoint.Bytes[0];
        return new QuantizationParameters(scale.AsSpan<float>()[0], _type == ElementType.UInt8 ? raw : (sbyte)raw, _type);
    }

    private void QuantizeOutput(Node node, Node? clamp)
    {
        Value output = node.Output;
        QuantizationParameters parameters = ParametersFor(clamp?.Output ?? output);
        if (clamp is not null && _layout.IsSymmetric)
        {
            (output, node) = (clamp.Output, clamp);
        }
        else if (clamp is not null)
        {
            _graph.ReplaceAllUses(clamp.Output, output);
            _graph.Remove(clamp);
        }
        Quantize(output, parameters, node);
    }

    /// <summary>Puts QuantizeLinear and DequantizeLinear behind what a node computes.</summary>
    private void Quantize(Value output, QuantizationParameters parameters, Node node)
    {
        Value integers = AddQuantize(output, parameters, node.Next);
        HandOn(output, integers, parameters);
        integers.Producer!.SetInput(0, output);
    }

    /// <summary>What moves or clamps numbers makes none that its input does not have: with the same scale, quantizing again is exact.</summary>
    private void KeepScale(Node node)
    {
        QuantizationParameters parameters = _integers[node.Inputs[0]!].Parameters;
        foreach (Value output in node.Outputs.ToArray()) Quantize(output, parameters, node);
    }

    private QuantizationParameters ParametersFor(Value value) =>
        _layout.IsSymmetric ? QuantizationParameters.Symmetric(_ranges[value])
        : _layout.WrapsNodes ? QuantizationParameters.Asymmetric(_ranges[value], _type)
        : ConstantShift.Fit(_ranges[value], _shifts[value], _type);

    private void MoveOnIntegers(Node node)
    {
        (Value integers, QuantizationParameters parameters) = _integers[node.Inputs[0]!];
        node.SetInput(0, integers);
        foreach (Value output in node.Outputs.ToArray()) HandOn(output, output, parameters);
    }

    private void ClampOnIntegers(Node node)
    {
        (Value integers, QuantizationParameters parameters) = _integers[node.Inputs[0]!];
        Clamp limits = Clamp.Of(node)!.Value;
        Value low = _weights.AddInteger(parameters.Quantize(limits.Min), _type), high = _weights.AddInteger(parameters.Quantize(limits.Max), _type);
        Node clip = _graph.AddNode("Clip", [integers, low, high], name: node.Name, before: node);
        clip.Output.Type = node.Output.Type;
        _graph.ReplaceAllUses(node.Output, clip.Output);
        _graph.Remove(node);
        HandOn(clip.Output, clip.Output, parameters);
    }

    private void ScaleIntegers(Node node)
    {
        (Value integers, QuantizationParameters parameters) = _integers[node.Inputs[node.Constant(0) is null ? 0 : 1]!];
        parameters = parameters with { Scale = parameters.Scale * ConstantFactor.Of(node)!.Value };
        _graph.ReplaceAllUses(node.Output, AddDequantize(integers, parameters, node.Output.Type, node));
        _graph.Remove(node);
    }

    /// <summary>Lets the zero point take an addition of one number; false where it cannot.</summary>
    private bool TryShiftZero(Node node)
    {
        if (ConstantShift.Of(node) is not { } shift) return false;
        (Value integers, QuantizationParameters parameters) = _integers[Dequantized(node.Inputs[node.Constant(0) is null ? 0 : 1]!, node)];
        if (ConstantShift.Apply(parameters, shift) is not { } shifted) return false;
        _graph.ReplaceAllUses(node.Output, AddDequantize(integers, shifted, node.Output.Type, node));
        _graph.Remove(node);
        return true;
    }

    /// <summary>Lets everything that reads <paramref name="real"/> read <paramref name="integers"/> dequantized; a graph output keeps its name.</summary>
    private void HandOn(Value real, Value integers, QuantizationParameters parameters)
    {
        OnnxType? type = real.Type;
        Value dequantized = AddDequantize(integers, parameters, type, integers.Producer!.Next);
        real.Type = null;
        _graph.ReplaceAllUses(real, dequantized);
        dequantized.Producer!.SetInput(0, integers);
        real.Type = type;
        integers.Type = IntegerType(type);
    }

    private Value AddQuantize(Value value, QuantizationParameters parameters, Node? before)
    {
        Node node = _graph.AddNode("QuantizeLinear", [value, _weights.AddScale(parameters.Scale), _weights.AddInteger(parameters.ZeroPoint, _type)], [value.Name + "_quantized"], before: before);
        node.Output.Type = IntegerType(value.Type);
        return node.Output;
    }

    private Value AddDequantize(Value integers, QuantizationParameters parameters, OnnxType? type, Node? before)
    {
        Node node = _graph.AddNode("DequantizeLinear", [integers, _weights.AddScale(parameters.Scale), _weights.AddInteger(parameters.ZeroPoint, _type)], [integers.Name + "_real"], before: before);
        node.Output.Type = type;
        _integers.Add(node.Output, (integers, parameters));
        return node.Output;
    }

    private TensorType IntegerType(OnnxType? real) => new(_type, (real as TensorType)?.Shape);
}
