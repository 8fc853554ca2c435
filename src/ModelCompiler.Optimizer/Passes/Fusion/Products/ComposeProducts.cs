using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Products;

/// <summary>
/// W₂·(W₁·x + b₁) + b₂ = (W₂·W₁)·x + (W₂·b₁ + b₂): two convolutions of which one is pointwise, or two matrix products, without anything
/// between them. Only where one takes fewer multiplications than two.
/// </summary>
public sealed class ComposeProducts : RewritePass
{
    // The composition itself is a product of matrices; beyond this it would take the build seconds.
    private const long MaxWork = 1L << 32;

    /// <inheritdoc/>
    public override string Name => "compose-products";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!LinearLayer.IsProduct(node) || node.Is("ConvTranspose") || node.Input(0) is not { } between) return Rewrite.None;
        if (LinearLayer.ProductBehind(between) is not { } product || !ReferenceEquals(product.Graph, node.Graph) || product.Is("Conv") != node.Is("Conv")) return Rewrite.None;
        if (LinearLayer.Read(product, between, out _) is not { } first || LinearLayer.Read(node, null, out _) is not { } second) return Rewrite.None;
        if (!AreComposable(first, second) || !Saves(first, second)) return Rewrite.None;
        if (Sharing.Reason(between) is { } shared) return Rewrite.Refused(shared);
        if (!ReferenceEquals(between, product.Outputs[0]) && Sharing.Reason(product.Outputs[0]) is { } sharedProduct) return Rewrite.Refused(sharedProduct);
        if (first.Bias is not null && second.InputShiftReason is { } unshiftable) return Rewrite.Refused(unshiftable);
        if (Work(first, second) > MaxWork) return Rewrite.Refused("the product of the weights would take too long to compute");
        return Compose(first, second);
    }

    private static bool AreComposable(LinearLayer first, LinearLayer second)
    {
        if (first.Layout is not { Batch: 1, Groups: 1 } || second.Layout is not { Batch: 1, Groups: 1 } || first.Layout.Outputs != second.Layout.Inputs) return false;
        if (!first.Product.Is("Conv")) return first.Product.Attributes.GetInt("transA", 0) == 0 && second.Product.Attributes.GetInt("transA", 0) == 0;
        return first.Weights.Rank == second.Weights.Rank && (IsPointwise(first) || IsPointwise(second));
    }

    private static bool IsPointwise(LinearLayer layer) => layer.Layout.Inner == 1 && !layer.HasPadding && Strides(layer) == 1;

    private static long Strides(LinearLayer layer) => layer.Product.Attributes.GetInts("strides")?.Aggregate(1L, (a, b) => a * b) ?? 1;

    // Multiplications per element of the second layer's image.
    private static bool Saves(LinearLayer first, LinearLayer second) => Work(first, second) / first.Layout.Outputs < MultipliesOf(first) * Strides(second) + MultipliesOf(second);

    private static long MultipliesOf(LinearLayer layer) => (long)layer.Layout.Inputs * layer.Layout.Outputs * layer.Layout.Inner;

    private static long Work(LinearLayer first, LinearLayer second) => MultipliesOf(first) * second.Layout.Outputs * second.Layout.Inner;

    private static Rewrite Compose(LinearLayer first, LinearLayer second)
    {
        DenseWeights one = DenseWeights.Of(first), two = DenseWeights.Of(second);
        DenseWeights both = DenseWeights.Compose(one, two);
        double[] bias = second.Bias ?? new double[both.Outputs];
        if (first.Bias is not null) bias = [.. bias.Zip(two.Response(first.Bias), (b, r) => b + r)];
        string? refusal = first.Product.Is("Conv") ? WriteConvolution(first, second, both, bias) : WriteMatrix(first, second, both, bias);
        return refusal is null ? Rewrite.Applied($"took '{first.Product}' into its weights") : Rewrite.Refused(refusal);
    }

    private static string? WriteConvolution(LinearLayer first, LinearLayer second, DenseWeights both, double[] bias)
    {
        LinearLayer kernel = IsPointwise(second) ? first : second;
        Tensor? weights = Constants.Rounded(first.Weights.ElementType, both.Values, [both.Outputs, both.Inputs, .. kernel.Weights.Dims[2..]]);
        // The first one's window is the window of both where the second is pointwise.
        if (second.Write(weights, bias) is { } refusal) return refusal;
        foreach (string attribute in new[] { "kernel_shape", "pads", "strides", "dilations", "auto_pad" })
        {
            if (ReferenceEquals(kernel, second)) break;
            second.Product.Attributes.Remove(attribute);
            if (first.Product.Attributes.TryGet(attribute, out NodeAttribute? value)) second.Product.Attributes.Set(value);
        }
        Bypass(first, second);
        return null;
    }

    private static string? WriteMatrix(LinearLayer first, LinearLayer second, DenseWeights both, double[] bias)
    {
        Tensor? weights = Constants.Rounded(first.Weights.ElementType, both.Transposed(), both.Inputs, both.Outputs);
        if (second.Write(weights, bias) is { } refusal) return refusal;
        second.Product.Attributes.Remove("transB");
        second.Product.Attributes.Remove("alpha");
        Bypass(first, second);
        return null;
    }

    private static void Bypass(LinearLayer first, LinearLayer second)
    {
        Value between = second.Product.Inputs[0]!;
        second.Product.SetInput(0, first.Product.Input(0));
        if (between.Producer is { } add && !ReferenceEquals(add, first.Product)) add.Graph.Remove(add);
        first.Product.Graph.Remove(first.Product);
    }
}
