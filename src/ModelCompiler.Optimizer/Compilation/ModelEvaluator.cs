using System.Runtime.CompilerServices;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>Runs compiled models beside their source, on the sessions that ship: not on a simulation.</summary>
/// <param name="source">The model as it was given.</param>
/// <param name="samples">Unlabelled samples, for agreement.</param>
/// <param name="labelled">Labelled samples, for accuracy; null for none.</param>
/// <param name="random">Outputs that are not compared, unless there are no others.</param>
/// <param name="selected">Outputs whose size hangs on numbers.</param>
/// <param name="judged">Outputs that are there for the comparison only.</param>
/// <param name="choiceAxes">Where outputs have what they choose from, see <see cref="Passes.ChoiceAxes"/>.</param>
internal sealed class ModelEvaluator(
    SourceModel source, SampleSet samples, SampleSet? labelled, IReadOnlySet<string> random, IReadOnlySet<string> selected, IReadOnlySet<string> judged, IReadOnlyDictionary<string, int> choiceAxes)
{
    /// <summary>Samples per run at most, where the model leaves that open: a small one spends its time in calls otherwise.</summary>
    private const int MaxBatch = 16;

    /// <summary>Bytes of inputs per run: a large model's tensors, sixteen times over in each session, are what memory goes to.</summary>
    private const long BatchBytes = 256 << 10;

    /// <summary>Samples that recipes are compared on; the chosen one is measured on more where they are small, and on all where a budget hangs on it.</summary>
    private const long FewestCompared = 16, MostCompared = 64;

    /// <summary>Bytes of what goes in and comes out: of what is large, fewer samples tell as much.</summary>
    private const long ComparedBytes = 4 << 20;

    /// <summary>Bytes of the source's answers that are kept, as every candidate is compared with the same.</summary>
    private const long KeptBytes = 64 << 20;

    private readonly ReferenceRuns _answers = new(KeptBytes), _labelledAnswers = new(KeptBytes);

    /// <summary>How candidates agreed that were compared already.</summary>
    private readonly ConditionalWeakTable<ModelImage, Evaluation> _known = [];

    /// <summary>Accuracy, and agreement.</summary>
    /// <param name="model">The compiled model.</param>
    /// <param name="isBudgeted">Whether a budget hangs on the agreement: then no sample is left out. Else of what is large, fewer tell as much.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    public Evaluation Evaluate(ModelImage model, bool isBudgeted, CancellationToken cancellationToken)
    {
        SampleSet compared = isBudgeted ? samples : Few(long.MaxValue);
        if (_known.TryGetValue(model, out Evaluation? known) && known.Agreement.Samples == compared.Count) return known;
        using InferenceSession compiled = Open(model);
        ComparisonResult? onLabelled = labelled is null ? null : Compare(compiled, labelled, _labelledAnswers, cancellationToken);
        (double, double)? accuracy = onLabelled?.Accuracy is { } both ? (both.A.Percent, both.B.Percent) : null;
        return new Evaluation(Compare(compiled, compared, _answers, cancellationToken).Agreement, accuracy);
    }

    /// <summary>Agreement on the first samples: enough to tell which of two recipes is better.</summary>
    public Evaluation CompareOnFew(ModelImage model, CancellationToken cancellationToken)
    {
        Evaluation evaluation;
        using (InferenceSession compiled = Open(model)) evaluation = new Evaluation(Compare(compiled, Few(MostCompared), _answers, cancellationToken).Agreement, null);
        NativeHeap.Trim();
        if (labelled is null) _known.AddOrUpdate(model, evaluation);
        return evaluation;
    }

    /// <summary>Agreement on the first of these, in whole runs.</summary>
    public Evaluation CompareOnFirst(long count, ModelImage model, CancellationToken cancellationToken)
    {
        using InferenceSession compiled = Open(model);
        return new Evaluation(Compare(compiled, Few(MostCompared).Take(Math.Max(count, Batch(samples))), _answers, cancellationToken).Agreement, null);
    }

    /// <summary>How many samples tell as much as all: few where they are large.</summary>
    public long FewSamples => Few(MostCompared).Count;

    /// <summary>Has the source answer what <see cref="CompareOnFew"/> asks while it is open: to open it again takes longer than all of that.</summary>
    public void AskSource(CancellationToken cancellationToken)
    {
        int index = 0;
        SampleSet few = Few(MostCompared);
        string[] outputs = OutputComparison.Compared([.. source.Reference.Outputs.Select(output => output.Name)], random);
        foreach (SampleBatch batch in few.Read(Batch(few), cancellationToken)) _answers.Of(index++, outputs, () => ValueTensors.Run(source.Session, batch.Inputs, outputs, cancellationToken));
    }

    /// <summary>The first samples, in whole batches: whose answers are kept by the number of the batch.</summary>
    private SampleSet Few(long most)
    {
        long count = Math.Min(Math.Max(ComparedBytes / (BytesPerSample(samples) + AnsweredBytes), FewestCompared), most);
        return count < samples.Count ? samples.Take(count - count % Batch(samples)) : samples;
    }

    private static InferenceSession Open(ModelImage model) => model.Open(ModelImage.ForFewRuns);

    private ComparisonResult Compare(InferenceSession compiled, SampleSet set, ReferenceRuns answers, CancellationToken cancellationToken)
    {
        ComparisonResult result = OutputComparison.Run(source.Reference, compiled, set, Batch(set), answers, random, choiceAxes, null, cancellationToken);
        OutputAgreement[] outputs = [.. result.Agreement.Outputs.Select(output => output with { IsSelection = selected.Contains(output.Name), IsBeforeSelection = judged.Contains(output.Name) })];
        return result with { Agreement = result.Agreement with { Outputs = outputs } };
    }

    /// <summary>Bytes of a sample's answers, as far as sizes are known.</summary>
    private long AnsweredBytes => source.Reference.Outputs.Sum(output => (output.Shape ?? []).Aggregate((long)sizeof(float), (bytes, size) => bytes * Math.Max(1, size)));

    private static int Batch(SampleSet set) => (int)Math.Clamp(BatchBytes / BytesPerSample(set), 1, MaxBatch);

    private static long BytesPerSample(SampleSet set) => Math.Max(1, set.Take(1).Read(1).First().Inputs.Sum(input => input.Value.Length * sizeof(float)));
}
