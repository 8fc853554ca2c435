using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// A model in float64 that is to be quantized is computed in float32 first: its weights and activations are for 8 bits or 16 anyway. Only where the answers are
/// those of float64 but for rounding; what became of them after that is compared with the model as it came, as everything is.
/// </summary>
internal static class DoubleSource
{
    /// <summary>Rounding leaves 120 to 140 dB; what float32 is too coarse for, as differences of large sums, falls far below this.</summary>
    private const double LeastDb = 60;

    /// <summary>Narrows the model of a job, or records why it stays.</summary>
    public static void Narrow(CompilationJob job)
    {
        var pass = new DoubleNarrowing();
        if (!DoubleNarrowing.IsNeeded(job.Model)) return;
        job.Passes.Begin(pass);
        double? sqnr = Sqnr(job, pass);
        string told = sqnr is { } decibels ? string.Create(CultureInfo.InvariantCulture, $"{decibels:F0} dB above the noise") : "it runs on nothing to compare it on";
        if (sqnr >= LeastDb)
        {
            pass.Apply(job.Passes);
            if (job.IsNarrowed) job.Progress?.Report($"computing in float32 instead of float64: {told}");
        }
        else
        {
            job.Passes.Refused(job.Model.Graph.Name, $"it stays in float64: in float32, {told}");
        }
    }

    /// <summary>How much of the answers float32 leaves, of the output that agrees least; null where nothing can be compared.</summary>
    private static double? Sqnr(CompilationJob job, DoubleNarrowing pass)
    {
        if (job.Evaluator is not { } evaluator) return null;
        Model narrow = job.Model.Clone();
        pass.Apply(new PassContext(narrow, job.Options.Target));
        using var image = ModelImage.Of(narrow);
        return evaluator.CompareOnFew(image, job.Cancellation).WorstSqnr;
    }
}
