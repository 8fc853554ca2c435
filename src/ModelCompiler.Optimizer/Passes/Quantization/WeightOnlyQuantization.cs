using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Quantization.Rounding;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// x·W + b with the columns of W in blocks of 4 or 8 bits: ONNX Runtime's MatMulNBits, which computes on integers block by block
/// (accuracy level 4). Requires constant weights.
/// </summary>
/// <remarks>
/// Measured with ONNX Runtime 1.30 (one thread; four products of 384 × 1536 in a row, time over that in float32): one row in 4 bits takes 0.09,
/// at level 0 0.20; in 8 bits 0.16, at level 0 5.3. 128 rows take 0.5 to 0.7. In 8 bits at level 4 the sums do not saturate on AVX2 either.
/// </remarks>
/// <param name="bits">Bits of each product, by <see cref="DenseProduct.Name"/>.</param>
/// <param name="grams">What meets the weights of products, by the names of their outputs; those without are rounded to the nearest.</param>
internal sealed class WeightOnlyQuantization(WeightBits bits, IReadOnlyDictionary<string, InputGram>? grams = null) : RewritePass
{
    private const string Operator = "MatMulNBits";
    private const int Block = 32;
    private const long IntegerCompute = 4;

    /// <summary>Below, scales and zero points take what the weights save, and the call what they gain.</summary>
    private const int FewWeights = 1 << 12;

    private readonly Dictionary<int, DenseWeightStore> _weights = [];

    /// <summary>As found before the first product was replaced.</summary>
    private IReadOnlySet<string>? _logarithmic;

    /// <inheritdoc/>
    public override string Name => "weight-only-quantization";

    /// <summary>The products that the pass quantizes, by name.</summary>
    public static IEnumerable<string> Layers(Graph graph)
    {
        IReadOnlySet<string> logarithmic = DenseProduct.Logarithmic(graph);
        return DenseProduct.AllIn(graph).Where(product => Refusal(product, logarithmic) is null).Select(product => product.Name);
    }

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.OpType is "MatMul" or "Gemm" or "LSTM" or "GRU" or "RNN";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!context.Target.ContribOperators.Contains(Operator)) return Rewrite.None;
        if (node.OpType is "LSTM" or "GRU" or "RNN") return Rewrite.Refused("stays in float32: no recurrent operator takes weights in blocks (LSTM runs on integers with Precision=\"Int8\")");
        if (DenseProduct.Of(node, out string? refusal) is not { } product) return refusal is null ? Rewrite.None : Rewrite.Refused(refusal);
        if (Refusal(product, _logarithmic ??= DenseProduct.Logarithmic(context.Graph)) is { } reason) return Rewrite.Refused(reason);
        int width = bits.Of(product.Name);
        if (width == 0) return Rewrite.None;
        context.Model.Opsets[Operators.Microsoft] = 1;
        Replace(product, width);
        return Rewrite.Applied($"weights in {width} bits");
    }

    private static string? Refusal(DenseProduct product, IReadOnlySet<string> logarithmic) =>
        logarithmic.Contains(product.Name) ? LogarithmicProducts.Reason
        : (long)product.Depth * product.Columns < FewWeights ? $"too small to gain: {product.Depth} × {product.Columns} weights" : null;

    private void Replace(DenseProduct product, int width)
    {
        if (!_weights.TryGetValue(width, out DenseWeightStore? store)) _weights.Add(width, store = new DenseWeightStore((graph, p) => Weights(graph, p, width)));
        Value[] weights = store.Of(product);
        Graph graph = product.Last.Graph;
        Value? bias = product.Bias is { } b ? graph.AddInitializer(product.Name + "_bias", Tensor.Vector<float>(b)) : null;
        Value?[] inputs = [product.Input, .. weights, null, bias];
        Node node = product.Last.ReplaceBy(Operator, inputs.AsSpan(0, bias is null ? 4 : 6), Operators.Microsoft, keepAttributes: false);
        node.Attributes.Set("K", product.Depth);
        node.Attributes.Set("N", product.Columns);
        node.Attributes.Set("bits", width);
        node.Attributes.Set("block_size", Block);
        node.Attributes.Set("accuracy_level", IntegerCompute);
        if (!product.Product.IsRemoved) graph.Remove(product.Product);
    }

    private Value[] Weights(Graph graph, DenseProduct product, int width)
    {
        Tensor weights = product.Parameters.Weights;
        float[] columns = product.IsTransposed ? weights.AsSpan<float>().ToArray() : Transposition.Transposed(weights.AsSpan<float>(), product.Depth, product.Columns);
        InputGram? seen = grams?.GetValueOrDefault(product.Product.Outputs[0].Name);
        QuadraticForm? form = seen?.Depth == product.Depth ? seen.Form(0, isCentered: false) : null;
        BlockQuantized quantized = BlockQuantizer.Quantize(columns, product.Columns, product.Depth, width, Block, form);
        string name = product.Weights.Name;
        return
        [
            graph.AddInitializer($"{name}_{width}bits", quantized.Data),
            graph.AddInitializer(name + "_scale", quantized.Scales.Reshaped(quantized.Scales.ElementCount)),
            graph.AddInitializer(name + "_zero_point", quantized.ZeroPoints.Reshaped(quantized.ZeroPoints.ElementCount)),
        ];
    }
}
