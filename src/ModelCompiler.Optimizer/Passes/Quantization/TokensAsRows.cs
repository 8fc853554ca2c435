using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// x·W + b with x of [batch, tokens, …, K] as Gemm(rows, W, b) with rows of [batch · tokens · …, K], between two Reshapes. ONNX Runtime's QGemm adds the bias
/// to its accumulators and hands on either integers or floats, where QLinearMatMul is followed by a QLinearAdd of its own: six encoder layers (384 wide, 128 tokens)
/// took 0.36 of the time in float32 so, and 0.44 before (`-- quantization bert`). Requires that the target has that kernel, constant weights of rank 2, and operator set 14
/// (Reshape to sizes of zero) where more than one of the leading dimensions is open.
/// </summary>
public sealed class TokensAsRows : RewritePass
{
    private const string Kernel = "QGemm";

    /// <summary>Operator set whose Reshape takes sizes of zero as they are.</summary>
    private const long ZeroSizes = 14;

    /// <inheritdoc/>
    public override string Name => "tokens-as-rows";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("MatMul");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!context.Target.ContribOperators.Contains(Kernel) || !ReferenceEquals(node.Graph, context.Graph)) return Rewrite.None;
        if (node.Constant(1) is not { ElementType: ElementType.Float, Rank: 2 } weights || node.Input(0) is not { Initializer: null, Shape: { Rank: > 2 } shape } x) return Rewrite.None;
        if (!shape[^1].IsSame(weights.Dims[0])) return Rewrite.None;
        int open = shape.Count(dim => !dim.IsKnown);
        if (open > 1 && context.Model.Opset < ZeroSizes) return Rewrite.Refused("more than one of its leading dimensions is open");

        (Node last, Value? bias) = BiasBehind(node, weights.Dims[1]);
        Replace(node, last, [Rows(x, node), node.Inputs[1], bias], Back(x, weights.Dims[1], open > 1, node));
        return Rewrite.Applied("its tokens became rows");
    }

    /// <summary>The Add of one number for each column behind a product, and these numbers; the product itself where there is none.</summary>
    private static (Node Last, Value? Bias) BiasBehind(Node product, long columns)
    {
        Value output = product.Outputs[0];
        if (!output.HasSingleUse || output.IsOutput || output.Uses[0].Node is not { } add || !add.Is("Add") || !ReferenceEquals(add.Graph, product.Graph)) return (product, null);
        int other = 1 - output.Uses[0].Index;
        if (add.Constant(other) is not { ElementType: ElementType.Float } bias || bias.ElementCount != columns || (bias.Rank > 0 && bias.Dims[^1] != columns) || bias.Rank > output.Shape?.Rank) return (product, null);
        return (add, bias.Rank == 1 ? add.Inputs[other] : product.Graph.AddInitializer(add.Inputs[other]!.Name, bias.Reshaped(columns)));
    }

    private static Value Rows(Value x, Node before)
    {
        Shape shape = x.Shape!;
        Dim rows = shape.Dims[0];
        foreach (Dim dim in shape.Dims[1..^1]) rows = Dim.Multiply(rows, dim);
        return Add(before, "Reshape", new Shape(rows, shape[^1]), ElementType.Float, x, Sizes(before, -1, shape[^1].Value));
    }

    /// <summary>The sizes that turn rows back into tokens.</summary>
    private static Value Back(Value x, long columns, bool isMeasured, Node before)
    {
        Shape shape = x.Shape!;
        if (!isMeasured) return Sizes(before, [.. shape.Dims[..^1].ToArray().Select(dim => dim.ValueOrNull ?? -1), columns]);
        Value all = Add(before, "Shape", new Shape(shape.Rank), ElementType.Int64, x);
        Value leading = Add(before, "Slice", new Shape(shape.Rank - 1), ElementType.Int64, all, Sizes(before, 0), Sizes(before, -1));
        Value sizes = Add(before, "Concat", new Shape(shape.Rank), ElementType.Int64, leading, Sizes(before, columns));
        sizes.Producer!.Attributes.Set("axis", 0L);
        return sizes;
    }

    private static void Replace(Node product, Node last, Value?[] inputs, Value sizes)
    {
        Graph graph = product.Graph;
        string name = product.Outputs[0].Name;
        Node gemm = graph.AddNode("Gemm", inputs[2] is null ? inputs.AsSpan(0, 2) : inputs, name: product.Name, before: last);
        gemm.Output.Type = new TensorType(ElementType.Float, new Shape(inputs[0]!.Shape![0], product.Outputs[0].Shape is { Rank: > 0 } shape ? shape[^1] : Dim.Unknown));
        Node tokens = last.ReplaceBy("Reshape", [gemm.Output, sizes], keepAttributes: false);
        if (sizes.Initializer is null) tokens.Attributes.Set("allowzero", 1L);
        if (ReferenceEquals(product, last)) return;
        graph.Remove(product);
        // Plans call a product by its output.
        graph.Rename(gemm.Output, name);
    }

    private static Value Sizes(Node user, params ReadOnlySpan<long> sizes) => user.Graph.AddInitializer("sizes", Tensor.Vector(sizes));

    private static Value Add(Node user, string opType, Shape shape, ElementType type, params ReadOnlySpan<Value?> inputs)
    {
        Value value = user.Graph.AddNode(opType, inputs, before: user).Output;
        value.Type = new TensorType(type, shape);
        return value;
    }
}
