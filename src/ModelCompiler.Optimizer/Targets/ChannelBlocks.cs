namespace ModelCompiler.Optimizer.Targets;

/// <summary>
/// Numbers of channels that a provider's fast integer convolutions take; with any other number it falls back on a slower kernel. Zero channels that make
/// a number full cost less than that.
/// </summary>
/// <param name="Depthwise">Depthwise convolutions take multiples of it.</param>
/// <param name="Outputs">Others hand on multiples of it,</param>
/// <param name="LeastOutputs">no fewer than these,</param>
/// <param name="Inputs">and read multiples of this.</param>
/// <param name="StemPairs">Two-dimensional ones that read floats from outside are faster in floating point with at most so many input times output channels,</param>
/// <param name="OpenStemPairs">and on some processors with at most so many.</param>
public sealed record ChannelBlocks(int Depthwise, int Outputs, int LeastOutputs, int Inputs, int StemPairs, int OpenStemPairs)
{
    /// <summary>
    /// ONNX Runtime's convolutions of unsigned activations with weights around zero on x64, which need no buffer of windows and round as they go. (Those for
    /// VNNI also take multiples of 4 outputs, those for AVX2 do not.) Measured with version 1.30 on one thread: depthwise 3 × 3 on 120 and 128 channels
    /// 34 and 18 µs, on 72 and 80 134 and 62; 3 × 3 from 30 to 30 and from 32 to 32 channels 66 and 47, 1 × 1 46 and 19. A picture of 28 to 224 pixels
    /// with such a convolution before one of 1 × 1 and a pool took, with the first in floating point, over all on integers: from 1 channel 0.49 to 0.92 for 8
    /// to 32 filters, 1.26 for 64; from 3 channels 0.74 to 0.83 for 16 filters, 0.88 (5 × 5) to 1.20 for 32, 1.29 to 2.17 for 64. Without VNNI the first convolution of
    /// MobileNetV2 (3 channels, 32 filters, 224 pixels) in floating point takes 0.95 of the time of the whole, that of ResNet-18 (64) 1.25.
    /// </summary>
    public static ChannelBlocks X64 { get; } = new(Depthwise: 16, Outputs: 8, LeastOutputs: 16, Inputs: 4, StemPairs: 48, OpenStemPairs: 144);
}
