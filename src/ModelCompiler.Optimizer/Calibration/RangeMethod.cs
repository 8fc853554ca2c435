namespace ModelCompiler.Optimizer.Calibration;

/// <summary>How the range of a tensor is chosen from the elements that were observed.</summary>
public enum RangeMethod
{
    /// <summary>From the smallest to the largest element.</summary>
    MinMax,

    /// <summary>The range with the least mean squared error, of rounding inside and of clipping outside.</summary>
    MeanSquaredError,

    /// <summary>All but one in ten thousand elements at either end.</summary>
    Percentile,

    /// <summary>The range whose quantized distribution diverges least from the observed one (Kullback–Leibler; Migacz 2017, "8-bit Inference with TensorRT").</summary>
    Entropy,

    /// <summary>For each tensor the one of the first three that the next products err least by.</summary>
    PerTensor,
}
