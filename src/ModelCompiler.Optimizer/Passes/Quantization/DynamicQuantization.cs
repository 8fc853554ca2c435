using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// x·W + b ≈ s·t[c]·((q − z)·V) + b with x = s·(q − z) measured at each run (DynamicQuantizeLinear) and W = t[c]·V once: 8-bit integers without
/// calibration. Products that read one tensor share its conversion. Requires operator set 11 and the provider's MatMulIntegerToFloat.
/// </summary>
/// <param name="keptInFloat">Products that are left alone, by <see cref="DenseProduct.Name"/>.</param>
public sealed class DynamicQuantization(IReadOnlySet<string> keptInFloat) : RewritePass
{
    internal const string Operator = "MatMulIntegerToFloat";

    private readonly Dictionary<(Value, Graph), Node> _conversions = [];
    private DenseWeightStore? _weights;

    /// <summary>As found before the first product was replaced.</summary>
    private IReadOnlySet<string>? _logarithmic;

    /// <inheritdoc/>
    public override string Name => "dynamic-quantization";

    /// <summary>The products that the pass quantizes, by name; others gain nothing, or have no integer form.</summary>
    internal static IEnumerable<string> Layers(Graph graph)
    {
        IReadOnlySet<string> logarithmic = DenseProduct.Logarithmic(graph);
        return DenseProduct.AllIn(graph).Where(product => Refusal(product, logarithmic) is null).Select(product => product.Name);
    }

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.OpType is "MatMul" or "Gemm";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!context.Target.ContribOperators.Contains(Operator)) return Rewrite.None;
        if (DenseProduct.Of(node, out string? refusal) is not { } product) return refusal is null ? Rewrite.None : Rewrite.Refused(refusal);
        if (Refusal(product, _logarithmic ??= DenseProduct.Logarithmic(context.Graph)) is { } reason) return Rewrite.Refused(reason);
        if (keptInFloat.Contains(product.Name)) return Rewrite.None;

        context.Model.Opsets[Operators.Microsoft] = 1;
        _weights ??= new DenseWeightStore((graph, p) => Weights(graph, p, context.Target.SaturatesPairs));
        Replace(product, _weights.Of(product));
        return Rewrite.Applied("runs on 8-bit integers, ranges measured at each run");
    }

    private static string? Refusal(DenseProduct product, IReadOnlySet<string> logarithmic) =>
        logarithmic.Contains(product.Name) ? LogarithmicProducts.Reason : DynamicGain.Refusal(product);

    private void Replace(DenseProduct product, Value[] weights)
    {
        Graph graph = product.Last.Graph;
        Node x = Conversion(product.Input, graph);
        Value? bias = product.Bias is { } b ? graph.AddInitializer(product.Name + "_bias", Tensor.Vector<float>(b)) : null;
        product.Last.ReplaceBy(Operator, [x.Outputs[0], weights[0], x.Outputs[1], weights[1], x.Outputs[2], null, bias], Operators.Microsoft, keepAttributes: false);
        if (!product.Product.IsRemoved) graph.Remove(product.Product);
    }

    /// <summary>The integers of a tensor with scale and zero point, computed once in each graph, as early as they can be.</summary>
    private Node Conversion(Value x, Graph graph)
    {
        if (_conversions.TryGetValue((x, graph), out Node? conversion)) return conversion;
        Node? after = x.Producer is { } producer && ReferenceEquals(producer.Graph, graph) ? producer.Next : graph.Nodes.First;
        conversion = graph.AddNode("DynamicQuantizeLinear", [x], 3, before: after);
        conversion.Outputs[0].Type = new TensorType(ElementType.UInt8, x.Shape);
        conversion.Outputs[1].Type = new TensorType(ElementType.Float, Shape.Of());
        conversion.Outputs[2].Type = new TensorType(ElementType.UInt8, Shape.Of());
        _conversions.Add((x, graph), conversion);
        return conversion;
    }

    /// <summary>S8 weights of K × N with a scale per column and zero point 0.</summary>
    private static Value[] Weights(Graph graph, DenseProduct product, bool saturatesPairs)
    {
        ProductParameters parameters = product.Parameters;
        float[] smallest = saturatesPairs ? PairSaturation.SmallestScales(product.Product, parameters) : new float[parameters.Channels];
        QuantizedWeights quantized = WeightQuantizer.Quantize(parameters.Weights, parameters.Axis, smallest);
        ReadOnlySpan<sbyte> integers = quantized.Integers.AsSpan<sbyte>();
        if (product.IsTransposed) integers = Transposition.Transposed(integers, product.Columns, product.Depth);
        string name = product.Weights.Name;
        return
        [
            graph.AddInitializer(name + "_quantized", Tensor.Create(integers, product.Depth, product.Columns)),
            graph.AddInitializer(name + "_scale", Tensor.Vector<float>(quantized.Scales)),
        ];
    }
}
