using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Windows;

/// <summary>
/// What padding costs a convolution over one dimension. Measured with ONNX Runtime 1.30 (x64, one thread, 32 to 256 channels, kernels of 3 to 64, 64 to 512 positions): each zero of
/// padding in each window takes 0.7 ns when windows are laid out; a Pad takes 3 µs, and 0.4 ns for each number that it writes.
/// </summary>
internal static class WindowZeros
{
    private const double ZeroNs = 0.7, NumberNs = 0.4, CallNs = 3000;

    /// <summary>Positions of an input whose length is open.</summary>
    private const long AssumedLength = 512;

    /// <summary>Whether the zeros in the windows take longer than a Pad in front.</summary>
    /// <param name="convolution">A convolution.</param>
    /// <param name="input">What it reads, without padding.</param>
    /// <param name="begin">Zeros in front.</param>
    /// <param name="end">Zeros behind.</param>
    public static bool AreMany(Node convolution, Shape? input, long begin, long end)
    {
        if (begin < 0 || end < 0 || begin + end == 0 || (input?.Rank ?? 3) != 3 || Constants.Of(convolution.Input(1)) is not { Rank: 3 } weights) return false;
        // With strides, windows are laid out one number at a time anyway.
        if (convolution.Attributes.GetInts("strides") is { } strides && strides.Any(stride => stride != 1)) return false;
        long dilation = convolution.Attributes.GetInts("dilations") is [var given] ? given : 1, taps = weights.Dims[2], channels = weights.Dims[1] * convolution.Attributes.GetInt("group", 1), zeros = 0;
        for (long tap = 0; tap < taps; tap++) zeros += Math.Max(0, begin - tap * dilation) + Math.Max(0, end - tap * dilation);
        long length = (input?[2].ValueOrNull ?? AssumedLength) + begin + end;
        return channels * (ZeroNs * zeros - NumberNs * length) > CallNs;
    }
}
