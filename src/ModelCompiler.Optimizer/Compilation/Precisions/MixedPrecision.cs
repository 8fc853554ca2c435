using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Int8, static where there are calibration samples and dynamic where not, with the layers in float that a budget needs even where none was given:
/// <see cref="DefaultDrop"/>. An item that names <c>MaxAccuracyDrop</c> gets the same from the other precisions.
/// </summary>
internal sealed class MixedPrecision : IPrecisionMethod
{
    private static readonly StaticInt8 Static = new();
    private static readonly DynamicInt8 Dynamic = new();

    public PassPipeline Preparation => PassPipeline.Empty;

    /// <summary>Points that may be lost where the user named no number: of accuracy where there are labels, else of agreement on the largest output.</summary>
    public static double DefaultDrop(CompilationJob job) => job.Labelled is null ? 1 : 0.1;

    public CompiledModel Compile(CompilationJob job)
    {
        IPrecisionMethod method = job.Samples is null ? Dynamic : Static;
        if (job.AnySamples is { IsMadeUp: false }) job = job with { Options = job.Options with { MaxAccuracyDrop = job.Options.MaxAccuracyDrop ?? DefaultDrop(job) } };
        method.Preparation.Run(job.Passes, job.Cancellation);
        return method.Compile(job);
    }
}
