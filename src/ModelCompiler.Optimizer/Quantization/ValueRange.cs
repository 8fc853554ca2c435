namespace ModelCompiler.Optimizer.Quantization;

/// <summary>The interval that the elements of a tensor fall into.</summary>
public readonly record struct ValueRange(float Min, float Max)
{
    /// <summary>The interval of nothing: the neutral element of <see cref="Union"/>.</summary>
    public static ValueRange Empty => new(float.PositiveInfinity, float.NegativeInfinity);

    /// <summary>Whether nothing was observed.</summary>
    public bool IsEmpty => !(Min <= Max);

    /// <summary>The largest magnitude.</summary>
    public float MaxAbs => MathF.Max(MathF.Abs(Min), MathF.Abs(Max));

    /// <summary>The smallest interval around both.</summary>
    public ValueRange Union(ValueRange other) => new(MathF.Min(Min, other.Min), MathF.Max(Max, other.Max));
}
