using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>Runs compiled models beside their source, on the sessions that ship: not on a simulation.</summary>
/// <param name="source">A session on the model as it was given.</param>
/// <param name="samples">Unlabelled samples, for agreement.</param>
/// <param name="labelled">Labelled samples, for accuracy; null for none.</param>
internal sealed class ModelEvaluator(InferenceSession source, SampleSet samples, SampleSet? labelled)
{
    /// <summary>Samples per run at most, where the model leaves that open: a small one spends its time in calls otherwise.</summary>
    private const int MaxBatch = 16;

    /// <summary>Bytes of inputs per run: a large model's tensors, sixteen times over in each session, are what memory goes to.</summary>
    private const long BatchBytes = 256 << 10;

    /// <summary>Bytes of the source's answers that are kept, as every recipe is compared with the same.</summary>
    private const long KeptBytes = 64 << 20;

    private readonly ReferenceRuns _reference = new(KeptBytes);

    /// <summary>Agreement on all samples, and accuracy.</summary>
    public Evaluation Evaluate(ModelImage model, CancellationToken cancellationToken)
    {
        using InferenceSession compiled = model.Open();
        ComparisonResult? onLabelled = labelled is null ? null : OutputComparison.Run(source, compiled, labelled, Batch(labelled), cancellationToken: cancellationToken);
        (double, double)? accuracy = onLabelled?.Accuracy is { } both ? (both.A.Percent, both.B.Percent) : null;
        return new Evaluation(OutputComparison.Run(source, compiled, samples, Batch(samples), cancellationToken: cancellationToken).Agreement, accuracy);
    }

    /// <summary>Agreement on the first samples: enough to tell which of two recipes is better.</summary>
    public Evaluation Compare(ModelImage model, int sampleCount, CancellationToken cancellationToken)
    {
        using InferenceSession compiled = model.Open();
        return new Evaluation(OutputComparison.Run(source, compiled, samples.Take(sampleCount), Batch(samples), reference: _reference, cancellationToken: cancellationToken).Agreement, null);
    }

    private static int Batch(SampleSet set)
    {
        long bytes = set.Take(1).Read(1).First().Inputs.Sum(input => input.Value.Length * sizeof(float));
        return (int)Math.Clamp(BatchBytes / Math.Max(1, bytes), 1, MaxBatch);
    }
}
