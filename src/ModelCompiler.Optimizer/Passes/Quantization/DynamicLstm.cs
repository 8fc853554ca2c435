using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// An LSTM whose two products, x·Wᵀ and h·Rᵀ, run on 8-bit integers with ranges measured at each step: ONNX Runtime's DynamicQuantizeLSTM, weights
/// with one scale where that does (0.92 of the time), else with one per gate and unit. Requires constant weights, and layout 0; peepholes and clips are kept as they are.
/// </summary>
/// <remarks>
/// Where the batch is one, weights are stored unsigned, with zero point 128: with ONNX Runtime 1.30 (64 steps, 256 units, one thread, x64 with VNNI
/// and AMX) that takes 0.6 to 0.7 of the time in float32 and signed ones 0.8. At a batch of 8 it takes 0.9, and signed ones 0.5.
/// </remarks>
/// <param name="keptInFloat">Layers that are left alone, by <see cref="LayerName"/>.</param>
public sealed class DynamicLstm(IReadOnlySet<string> keptInFloat) : RewritePass
{
    private const string Operator = "DynamicQuantizeLSTM";

    private const byte UnsignedZero = 128;

    /// <summary>Recurrent weights that make a step wait for memory: below, measuring ranges costs what integers save.</summary>
    private const long ManyWeights = 1 << 16;

    /// <inheritdoc/>
    public override string Name => "dynamic-lstm";

    /// <summary>Whether the target can run what the pass makes.</summary>
    internal static bool HasKernel(TargetProfile target) => target.ContribOperators.Contains(Operator);

    /// <summary>The layers that the pass quantizes, by name.</summary>
    internal static IEnumerable<string> Layers(Graph graph) => graph.AllNodes()
        .Where(node => node.Is("LSTM") && Refusal(node) is null)
        .Select(LayerName);

    /// <summary>What plans and budgets call a layer: its first output that there is.</summary>
    private static string LayerName(Node node) => node.Outputs.ToArray().First(output => output.Name.Length > 0).Name;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("LSTM") || node.Is("GRU") || node.Is("RNN");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!node.Is("LSTM")) return Rewrite.Refused("stays in float32: of the recurrent operators only LSTM has an integer kernel");
        if (!HasKernel(context.Target) || keptInFloat.Contains(LayerName(node))) return Rewrite.None;
        if (Refusal(node) is { } reason) return Rewrite.Refused(reason);
        context.Model.Opsets[Operators.Microsoft] = 1;
        Value[] w = Weights(node, 1, context.Target.SaturatesPairs), r = Weights(node, 2, context.Target.SaturatesPairs);
        Value?[] rest = [.. Enumerable.Range(3, 5).Select(node.Input)];
        node.ReplaceBy(Operator, [node.Input(0), w[0], r[0], .. rest, w[1], w[2], r[1], r[2]], Operators.Microsoft).Attributes.Remove("layout");
        return Rewrite.Applied("runs on 8-bit integers, ranges measured at each step");
    }

    private static string? Refusal(Node node)
    {
        if (node.Attributes.GetInt("layout", 0) != 0) return "its layout puts the batch first";
        for (int i = 1; i <= 2; i++)
        {
            if (node.Constant(i) is not { ElementType: ElementType.Float, Rank: 3 } weights) return "its weights are not constant or not in float32";
            foreach (float w in weights.AsSpan<float>())
                if (!float.IsFinite(w)) return "its weights hold NaN or infinity";
        }
        Tensor recurrent = node.Constant(2)!;
        return recurrent.ElementCount >= ManyWeights ? null : $"too small to gain: {recurrent.ElementCount} recurrent weights";
    }

    /// <summary>[directions, 4·hidden, K] → integers [directions, K, 4·hidden], scales and zero points [directions, 4·hidden].</summary>
    private static Value[] Weights(Node node, int input, bool saturatesPairs)
    {
        Value value = node.Inputs[input]!;
        Tensor weights = value.Initializer!;
        int directions = (int)weights.Dims[0], columns = (int)weights.Dims[1], depth = (int)weights.Dims[2];
        var parameters = new ProductParameters(weights.Reshaped(directions * columns, depth), null, Axis: 0);
        bool isUnsigned = node.Inputs[0]!.Shape is { Rank: 3 } shape && shape[1].ValueOrNull == 1;
        byte zeroPoint = isUnsigned ? UnsignedZero : (byte)0;
        // Sums of unsigned products do not saturate.
        float[] smallest = saturatesPairs && !isUnsigned ? PairSaturation.SmallestScales(node, parameters) : new float[parameters.Channels];
        QuantizedWeights quantized = WeightQuantizer.Quantize(parameters.Weights, parameters.Axis, smallest);
        long[] scaleDims = [directions, columns];
        if (OneScale.For(parameters.Weights, quantized) is { } scale)
        {
            Array.Fill(smallest, scale);
            quantized = WeightQuantizer.Quantize(parameters.Weights, parameters.Axis, smallest);
            quantized = quantized with { Scales = quantized.Scales[..directions] };
            scaleDims = [directions];
        }
        byte[] integers = Array.ConvertAll(quantized.Integers.AsSpan<sbyte>().ToArray(), integer => (byte)(integer + zeroPoint));
        var byDepth = new byte[weights.ElementCount];
        for (int d = 0; d < directions; d++)
        {
            int start = d * columns * depth;
            Transposition.Transposed<byte>(integers.AsSpan(start, columns * depth), columns, depth).CopyTo(byDepth, start);
        }
        Graph graph = value.Graph;
        ElementType type = isUnsigned ? ElementType.UInt8 : ElementType.Int8;
        return
        [
            graph.AddInitializer(value.Name + "_quantized", new Tensor(type, [directions, depth, columns], byDepth)),
            graph.AddInitializer(value.Name + "_scale", Tensor.Create<float>(quantized.Scales, scaleDims)),
            graph.AddInitializer(value.Name + "_zero_point", new Tensor(type, scaleDims, Enumerable.Repeat(zeroPoint, quantized.Scales.Length).ToArray())),
        ];
    }
}
