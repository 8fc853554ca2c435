using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Which numbers an element type holds exactly.</summary>
internal static class NumberRange
{
    /// <summary>Whether every value of <paramref name="inner"/> is one of <paramref name="outer"/>, NaN and infinities included. Types that are not listed hold nothing.</summary>
    public static bool Holds(ElementType outer, ElementType inner)
    {
        if (Describe(outer) is not { } a || Describe(inner) is not { } b) return false;
        if (outer == inner) return true;
        if (b.IsFloat && !a.IsFloat) return false;
        return a.Digits >= b.Digits && a.MaxExponent >= b.MaxExponent && a.MinExponent <= b.MinExponent && (a.IsSigned || !b.IsSigned);
    }

    /// <summary>Whether the type is a two's complement or unsigned integer of at least a byte.</summary>
    public static bool IsInteger(ElementType type) => Describe(type) is { IsFloat: false } && type != ElementType.Bool;

    private readonly record struct Range(bool IsFloat, bool IsSigned, int Digits, int MinExponent, int MaxExponent);

    /// <summary>Significant binary digits, and the exponents of the smallest step and of the largest number.</summary>
    private static Range? Describe(ElementType type) => type switch
    {
        ElementType.Bool => Integer(1, false),
        ElementType.UInt8 => Integer(8, false),
        ElementType.Int8 => Integer(8, true),
        ElementType.UInt16 => Integer(16, false),
        ElementType.Int16 => Integer(16, true),
        ElementType.UInt32 => Integer(32, false),
        ElementType.Int32 => Integer(32, true),
        ElementType.UInt64 => Integer(64, false),
        ElementType.Int64 => Integer(64, true),
        ElementType.Float16 => new Range(true, true, 11, -24, 16),
        ElementType.BFloat16 => new Range(true, true, 8, -133, 128),
        ElementType.Float => new Range(true, true, 24, -149, 128),
        ElementType.Double => new Range(true, true, 53, -1074, 1024),
        _ => null,
    };

    // −2^(n−1) of a signed type has one binary digit; the others need n − 1, and reach below 2^(n−1).
    private static Range Integer(int bits, bool isSigned) => new(false, isSigned, isSigned ? bits - 1 : bits, 0, isSigned ? bits - 1 : bits);
}
