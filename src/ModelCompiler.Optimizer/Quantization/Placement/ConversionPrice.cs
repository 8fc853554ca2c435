namespace ModelCompiler.Optimizer.Quantization.Placement;

/// <summary>
/// What it costs to take a tensor from floating point to integers or back: QuantizeLinear or DequantizeLinear, and the change between the
/// layouts that each side computes convolutions in. Figures of one x64 core; candidates at several multiples of them are measured.
/// </summary>
internal static class ConversionPrice
{
    private const double MicrosecondsPerTensor = 1.5;
    private const double MicrosecondsPerElement = 0.0008;

    /// <summary>Microseconds for a tensor of so many elements.</summary>
    public static double Of(double elements) => MicrosecondsPerTensor + MicrosecondsPerElement * elements;
}
