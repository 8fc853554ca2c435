using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Puts quantized weights, biases, scales and zero points into the graph as initializers; equal ones are shared.</summary>
/// <param name="graph">The graph.</param>
/// <param name="target">How integers are laid out.</param>
/// <param name="products">Makes integers of the weights of products.</param>
internal sealed class WeightEmitter(Graph graph, TargetProfile target, ProductQuantizer products)
{
    private readonly Dictionary<float, Value> _scales = [];
    private readonly Dictionary<(int, ElementType), Value> _integers = [];

    /// <summary>Replaces weights and bias of a product by dequantized integers: S8 per output channel, and int32 in the scale of the accumulator.</summary>
    public void Emit(Node node, float inputScale)
    {
        (QuantizedWeights weights, float[]? bias) = products.Quantize(node, inputScale);
        bool isPerChannel = products.IsPerChannel(node);
        string name = node.Inputs[1]!.Name;
        node.SetInput(1, Dequantized(node, name, weights.Integers, isPerChannel ? weights.Scales : weights.Scales[..1], ElementType.Int8, isPerChannel ? weights.Axis : null));
        if (bias is not null) node.SetInput(2, target.Layout.QuantizesBias ? DequantizedBias(node, bias, isPerChannel ? weights.Scales : weights.Scales[..1], inputScale) : FloatBias(node, bias));
        else if (node.Inputs.Length > 2) node.TrimInputs(2);
        node.Attributes.Remove("alpha");
        node.Attributes.Remove("beta");
    }

    /// <summary>A constant operand of an integer Add, Mul or Concat, dequantized with a scale of its own.</summary>
    public Value EmitConstant(Tensor constant, ElementType type, Node user)
    {
        ReadOnlySpan<float> values = constant.AsSpan<float>();
        var range = new ValueRange(values[0], values[0]);
        foreach (float value in values) range = range.Union(new ValueRange(value, value));
        QuantizationParameters parameters = target.Layout.IsSymmetric ? QuantizationParameters.Symmetric(range) : QuantizationParameters.Asymmetric(range, type);
        var bytes = new byte[values.Length];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)parameters.Quantize(values[i]);
        Value integers = graph.AddInitializer(user.Name + "_operand_quantized", new Tensor(type, constant.Dims, bytes));
        Node node = graph.AddNode("DequantizeLinear", [integers, AddScale(parameters.Scale), AddInteger(parameters.ZeroPoint, type)], before: user);
        node.Output.Type = constant.Type;
        return node.Output;
    }

    /// <summary>A scale of rank 0.</summary>
    public Value AddScale(float scale)
    {
        if (!_scales.TryGetValue(scale, out Value? value)) _scales.Add(scale, value = graph.AddInitializer("scale", Tensor.Scalar(scale)));
        return value;
    }

    /// <summary>An integer of rank 0 of an 8-bit type.</summary>
    public Value AddInteger(int integer, ElementType type)
    {
        if (!_integers.TryGetValue((integer, type), out Value? value))
            _integers.Add((integer, type), value = graph.AddInitializer("zero_point", new Tensor(type, [], new[] { (byte)integer })));
        return value;
    }

    private Value FloatBias(Node node, float[] bias) => graph.AddInitializer(node.Inputs[2]!.Name + "_float", Tensor.Vector<float>(bias));

    private Value DequantizedBias(Node node, float[] bias, float[] weightScales, float inputScale)
    {
        var integers = new int[bias.Length];
        float[] scales = [.. weightScales.Select(scale => inputScale * scale)];
        for (int c = 0; c < bias.Length; c++) integers[c] = (int)Math.Round((double)bias[c] / scales[scales.Length == 1 ? 0 : c]);
        return Dequantized(node, node.Inputs[2]!.Name, Tensor.Vector<int>(integers), scales, ElementType.Int32, weightScales.Length == 1 ? null : 0);
    }

    private Value Dequantized(Node user, string name, Tensor integers, float[] scales, ElementType type, int? axis)
    {
        Value data = graph.AddInitializer(name + "_quantized", integers);
        // Without an axis there is one scale, of rank 0.
        Value scale = graph.AddInitializer(name + "_scale", axis is null ? Tensor.Scalar(scales[0]) : Tensor.Vector<float>(scales));
        Value zero = graph.AddInitializer(name + "_zero_point", new Tensor(type, axis is null ? [] : [scales.Length], new byte[type.ByteSize(scales.Length)]));
        Node node = graph.AddNode("DequantizeLinear", [data, scale, zero], before: user);
        if (axis is { } channels) node.Attributes.Set("axis", channels);
        node.Output.Type = new TensorType(ElementType.Float, integers.Type.Shape);
        return node.Output;
    }
}
