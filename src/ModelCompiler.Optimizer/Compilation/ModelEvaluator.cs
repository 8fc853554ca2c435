using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>Runs compiled models beside their source, on the sessions that ship: not on a simulation.</summary>
/// <param name="source">A session on the model as it was given.</param>
/// <param name="samples">Unlabelled samples, for agreement.</param>
/// <param name="labelled">Labelled samples, for accuracy; null for none.</param>
internal sealed class ModelEvaluator(InferenceSession source, SampleSet samples, SampleSet? labelled)
{
    /// <summary>Evaluates a model.</summary>
    /// <param name="model">Its file.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    /// <param name="sampleLimit">The number of unlabelled samples to look at; with a limit, accuracy is not measured.</param>
    public Evaluation Evaluate(ReadOnlyMemory<byte> model, CancellationToken cancellationToken, int sampleLimit = int.MaxValue)
    {
        using InferenceSession compiled = InferenceSession.Open(model);
        Agreement agreement = OutputComparison.Compare(source, compiled, samples, sampleLimit, cancellationToken).Agreement;
        (double, double)? accuracy = labelled is not null && sampleLimit == int.MaxValue ? OutputComparison.Compare(source, compiled, labelled, int.MaxValue, cancellationToken).Accuracy : null;
        return new Evaluation(agreement, accuracy);
    }
}
