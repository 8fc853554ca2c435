namespace ModelCompiler.Optimizer.Targets;

/// <summary>How an operator runs on 8-bit integers under a provider.</summary>
public enum IntegerForm
{
    /// <summary>In floating point only.</summary>
    None,

    /// <summary>Convolution or matrix product with constant weights: where the time is, and what a region grows from.</summary>
    Compute,

    /// <summary>DequantizeLinear → operator → QuantizeLinear is fused into one integer kernel.</summary>
    Arithmetic,

    /// <summary>The operator only moves or selects elements and has a kernel for integers: it stands between QuantizeLinear and DequantizeLinear.</summary>
    Movement,

    /// <summary>A clamp that saturation of the quantized range replaces.</summary>
    Clamp,

    /// <summary>Multiplication by a positive constant: the integers stay as they are, their scale takes the factor.</summary>
    Scaling,
}

/// <summary>When an operator is worth running on integers although nothing after it does.</summary>
public enum IntegerGain
{
    /// <summary>Only between integer neighbours.</summary>
    BetweenIntegers,

    /// <summary>Already when its inputs are integers: it combines or shrinks them, so that fewer numbers are converted back.</summary>
    AfterIntegers,
}

/// <summary>A provider's integer kernel for one operator.</summary>
public sealed record IntegerKernel(IntegerForm Form, IntegerGain Gain = IntegerGain.BetweenIntegers)
{
    /// <summary>The output range that the operator fixes whatever its input, or null.</summary>
    public (float Min, float Max)? FixedRange { get; init; }
}
