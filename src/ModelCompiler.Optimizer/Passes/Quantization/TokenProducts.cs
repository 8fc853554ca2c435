using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Quantization.Dense;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// x·W + b on rows of tokens (<see cref="TokensAsRows"/>) whose result goes on in floating point: MatMulIntegerToFloat adds the bias while it turns sums into floats. QGemm,
/// which ONNX Runtime makes of it otherwise, writes the bias into all sums first and reads it back, in memory of its own. Products of 64 to 128 tokens took 0.89 to
/// 0.97 of the time (64 to 1,536 wide, one thread, version 1.30, Zen 3); a single row, as in a classifier, 1.03 to 1.13, and stays. The same integers, and a bias
/// that is added as the float that its integer stands for. Requires weights around zero and unsigned activations.
/// </summary>
public sealed class TokenProducts : RewritePass
{
    private const string Operator = DynamicQuantization.Operator;
    private const int Weights = 1, Bias = 2;

    /// <inheritdoc/>
    public override string Name => "token-products";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Gemm");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (context.Target.Channels is null || !context.Target.ContribOperators.Contains(Operator) || !IsOfTokens(node.Outputs[0])) return Rewrite.None;
        if (node.Attributes.GetFloat("alpha", 1) != 1 || node.Attributes.GetFloat("beta", 1) != 1 || node.Attributes.GetInt("transA", 0) != 0) return Rewrite.None;
        bool isTurned = node.Attributes.GetInt("transB", 0) != 0;
        if (Integers(node, 0) is not { } x || Integers(node, Weights) is not { } w || w.Constant(0) is not { ElementType: ElementType.Int8, Rank: 2 } weights) return Rewrite.None;
        if (x.Constant(1)?.ElementCount != 1 || x.Constant(2) is not { ElementType: ElementType.UInt8 } || !IsZero(w.Constant(2)) || !IsForColumns(w, isTurned)) return Rewrite.None;
        Value? bias = null;
        if (node.Input(Bias) is not null && (bias = FloatBias(node)) is null) return Rewrite.None;

        Graph graph = node.Graph;
        context.Model.Opsets[Operators.Microsoft] = 1;
        Value matrix = isTurned ? graph.AddInitializer(w.Inputs[0]!.Name, Turned(weights)) : w.Inputs[0]!;
        node.ReplaceBy(Operator, [x.Inputs[0], matrix, x.Inputs[1], w.Inputs[1], x.Inputs[2], null, bias], Operators.Microsoft, keepAttributes: false);
        return Rewrite.Applied("adds its bias while it hands on floats");
    }

    /// <summary>Whether the rows become tokens again, in floating point.</summary>
    private static bool IsOfTokens(Value rows) => !rows.IsOutput && rows.Uses.Count > 0 && rows.Uses.All(use => use.Node.Is("Reshape") && use.Node.Output.Shape?.Rank > 2);

    private static Node? Integers(Node node, int input) => node.Input(input)?.Producer is { } producer && producer.Is("DequantizeLinear") ? producer : null;

    /// <summary>Whether weights have one scale, or one for each column of the product: models that come quantized may have one for each row, or for blocks.</summary>
    private static bool IsForColumns(Node weights, bool isTurned)
    {
        long axis = weights.Attributes.GetInt("axis", 1);
        return weights.Constant(1) is { } scale && (scale.ElementCount == 1 || (scale.Rank == 1 && (axis < 0 ? axis + 2 : axis) == (isTurned ? 0 : 1)));
    }

    private static bool IsZero(Tensor? zeros) => zeros is null || !zeros.Bytes.ContainsAnyExcept((byte)0);

    /// <summary>The bias as a float for each column; null where it is none.</summary>
    private static Value? FloatBias(Node node)
    {
        if (node.Constant(Bias) is { ElementType: ElementType.Float, Rank: 1 }) return node.Inputs[Bias];
        if (Integers(node, Bias) is not { } dequantize || dequantize.Constant(0) is not { ElementType: ElementType.Int32, Rank: 1 } integers || dequantize.Constant(1) is not { } scales || !IsZero(dequantize.Constant(2))) return null;
        ReadOnlySpan<int> numbers = integers.AsSpan<int>();
        ReadOnlySpan<float> scale = scales.AsSpan<float>();
        var bias = new float[numbers.Length];
        for (int i = 0; i < bias.Length; i++) bias[i] = numbers[i] * scale[scale.Length == 1 ? 0 : i];
        return node.Graph.AddInitializer(dequantize.Inputs[0]!.Name + "_bias", Tensor.Vector<float>(bias));
    }

    private static Tensor Turned(Tensor matrix) =>
        Tensor.Create<sbyte>(Transposition.Transposed(matrix.AsSpan<sbyte>(), (int)matrix.Dims[0], (int)matrix.Dims[1]), matrix.Dims[1], matrix.Dims[0]);
}
