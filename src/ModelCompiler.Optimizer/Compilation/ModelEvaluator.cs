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
    /// <summary>Samples per run, where the model leaves that open: a small one spends its time in calls otherwise.</summary>
    private const int BatchSize = 16;

    /// <summary>Agreement on all samples, and accuracy.</summary>
    public Evaluation Evaluate(ModelImage model, CancellationToken cancellationToken)
    {
        using InferenceSession compiled = model.Open();
        ComparisonResult? onLabelled = labelled is null ? null : OutputComparison.Run(source, compiled, labelled, BatchSize, cancellationToken: cancellationToken);
        (double, double)? accuracy = onLabelled?.Accuracy is { } both ? (both.A.Percent, both.B.Percent) : null;
        return new Evaluation(OutputComparison.Run(source, compiled, samples, BatchSize, cancellationToken: cancellationToken).Agreement, accuracy);
    }

    /// <summary>Agreement on the first samples: enough to tell which of two recipes is better.</summary>
    public Evaluation Compare(ModelImage model, int sampleCount, CancellationToken cancellationToken)
    {
        using InferenceSession compiled = model.Open();
        return new Evaluation(OutputComparison.Run(source, compiled, samples.Take(sampleCount), BatchSize, cancellationToken: cancellationToken).Agreement, null);
    }
}
