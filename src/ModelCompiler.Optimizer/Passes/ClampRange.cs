using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>What Clip and Relu do: x → min(max(x, Low), High), an open side at infinity.</summary>
internal readonly record struct ClampRange(double Low, double High)
{
    public static ClampRange OfRelu { get; } = new(0, double.PositiveInfinity);

    /// <summary>The range of a Relu or of a Clip with constant bounds; null where they are not constant or not a number.</summary>
    public static ClampRange? Of(Node node)
    {
        if (node.Is("Relu")) return OfRelu;
        if (!node.Is("Clip") || !IsExact(node)) return null;
        // Before operator set 11, the bounds are attributes.
        double? low = Bound(node, 1, node.Attributes.Find("min")?.Float ?? double.NegativeInfinity);
        double? high = Bound(node, 2, node.Attributes.Find("max")?.Float ?? double.PositiveInfinity);
        if (low is not { } l || high is not { } h || double.IsNaN(l) || double.IsNaN(h)) return null;
        return new ClampRange(Math.Min(l, h), h);
    }

    /// <summary>This clamp, then <paramref name="next"/>, as one.</summary>
    public ClampRange Then(ClampRange next) => new(next.Apply(Low), next.Apply(High));

    /// <summary>The bounds as rank-0 constants; null for a side that is open. False where the type does not hold them.</summary>
    public bool TryGetBounds(ElementType type, out Tensor? low, out Tensor? high)
    {
        low = double.IsNegativeInfinity(Low) ? null : UniformConstant.Scalar(type, Low);
        high = double.IsPositiveInfinity(High) ? null : UniformConstant.Scalar(type, High);
        return (low is not null || double.IsNegativeInfinity(Low)) && (high is not null || double.IsPositiveInfinity(High));
    }

    private double Apply(double x) => Math.Min(Math.Max(x, Low), High);

    private static double? Bound(Node node, int input, double open) => node.Input(input) is null ? open : node.Constant(input).Uniform();

    // 64-bit integers beyond 2^53 are no doubles.
    private static bool IsExact(Node node) => node.Input(0)?.ElementType is
        ElementType.Float or ElementType.Double or ElementType.Float16 or ElementType.Int8 or ElementType.UInt8 or ElementType.Int32;
}
