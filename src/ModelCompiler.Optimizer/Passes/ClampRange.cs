using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>
/// What Clip and Relu do: x → min(max(x, Low), High). An open side of a Clip is the largest finite number of the type, as the operator defines it:
/// Clip without bounds makes that of an infinity. A Relu leaves infinity as it is.
/// </summary>
internal readonly record struct ClampRange(double Low, double High)
{
    public static ClampRange OfRelu { get; } = new(0, double.PositiveInfinity);

    /// <summary>The range of a Relu or of a Clip with constant bounds; null where they are not constant, not a number, or −0, which no comparison tells from 0.</summary>
    public static ClampRange? Of(Node node)
    {
        if (node.Is("Relu")) return OfRelu;
        if (!node.Is("Clip") || !IsExact(node)) return null;
        (double lowest, double highest) = Limits(node.Input(0)!.ElementType);
        // Before operator set 11, the bounds are attributes.
        double? low = Bound(node, 1, node.Attributes.Find("min")?.Float ?? lowest);
        double? high = Bound(node, 2, node.Attributes.Find("max")?.Float ?? highest);
        if (low is not { } l || high is not { } h || !IsUsable(l) || !IsUsable(h)) return null;
        return new ClampRange(Math.Min(l, h), h);
    }

    /// <summary>This clamp, then <paramref name="next"/>, as one.</summary>
    public ClampRange Then(ClampRange next) => new(next.Apply(Low), next.Apply(High));

    /// <summary>The bounds as rank-0 constants; null for a side that is open. False where the type does not hold them.</summary>
    public bool TryGetBounds(ElementType type, out Tensor? low, out Tensor? high)
    {
        (double lowest, double highest) = Limits(type);
        low = Low == lowest ? null : UniformConstant.Scalar(type, Low);
        high = High == highest ? null : UniformConstant.Scalar(type, High);
        return (low is not null || Low == lowest) && (high is not null || High == highest);
    }

    private static bool IsUsable(double bound) => !double.IsNaN(bound) && !(bound == 0 && double.IsNegative(bound));

    private double Apply(double x) => Math.Min(Math.Max(x, Low), High);

    private static double? Bound(Node node, int input, double open) => node.Input(input) is null ? open : node.Constant(input).Uniform();

    // 64-bit integers beyond 2^53 are no doubles.
    private static bool IsExact(Node node) => !double.IsNaN(Limits(node.Input(0)?.ElementType ?? ElementType.Undefined).Lowest);

    private static (double Lowest, double Highest) Limits(ElementType type) => type switch
    {
        ElementType.Float => (float.MinValue, float.MaxValue),
        ElementType.Double => (double.MinValue, double.MaxValue),
        ElementType.Float16 => ((double)Half.MinValue, (double)Half.MaxValue),
        ElementType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        ElementType.UInt8 => (byte.MinValue, byte.MaxValue),
        ElementType.Int32 => (int.MinValue, int.MaxValue),
        _ => (double.NaN, double.NaN),
    };
}
