using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>
/// Compares what a model answers on execution providers with what it answers on the CPU, where everything else was measured: kernels of another device
/// round otherwise, and some are wrong.
/// </summary>
public static class ProviderComparison
{
    /// <summary>The cosine below which an output does not agree. Half precision leaves 0.999 of deep networks.</summary>
    public const double LowestCosine = 0.99;

    /// <summary>Differences that no cosine makes large: of outputs that are nothing but the rounding of zero.</summary>
    private const double Noise = 1e-6;

    /// <summary>Enough to see a wrong kernel; devices in software take seconds for each.</summary>
    private const int MaxSamples = 8;

    /// <summary>How both agree; null where there are no samples and no random input runs.</summary>
    /// <param name="onCpu">The model on the CPU.</param>
    /// <param name="onProvider">The same model on the providers.</param>
    /// <param name="samples">Inputs, or null for random ones.</param>
    /// <param name="cancellationToken">Stops the comparison.</param>
    /// <exception cref="ModelCompilerException">A run failed.</exception>
    public static Agreement? Run(InferenceSession onCpu, InferenceSession onProvider, SampleSet? samples, CancellationToken cancellationToken) =>
        (samples ?? MadeUpSamples.Create(onCpu, null, cancellationToken)) is { } inputs
            ? OutputComparison.Run(onCpu, onProvider, inputs.Take(MaxSamples), cancellationToken: cancellationToken).Agreement
            : null;

    /// <summary>The output that agrees least, where that is too little; null where all agree.</summary>
    public static OutputAgreement? Differing(Agreement agreement)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        // Not below but not above: NaN agrees with nothing.
        return agreement.Outputs.Where(output => !(output.Cosine >= LowestCosine) && output.MaxAbs > Noise).OrderBy(output => output.Cosine).FirstOrDefault();
    }
}
