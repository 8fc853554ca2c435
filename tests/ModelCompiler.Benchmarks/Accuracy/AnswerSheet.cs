using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks.Accuracy;

/// <summary>What a model answers on labelled samples: the first output's largest element, and how far its numbers lie from float32's.</summary>
internal sealed class AnswerSheet
{
    private const int Batch = 16;

    private readonly int _cluster;
    private readonly List<bool> _isRight = [];
    private readonly List<int> _answers = [];
    private readonly List<float[]> _scores = [];
    private readonly OutputAccumulator _agreement = new("scores");

    private AnswerSheet(int cluster) => _cluster = cluster;

    /// <summary>Percent of the samples that were.</summary>
    public double Percent => 100.0 * _isRight.Count(isRight => isRight) / _isRight.Count;

    /// <summary>Decibels of float32's scores over what they are changed by.</summary>
    public double Sqnr { get; private set; } = double.PositiveInfinity;

    /// <summary>Percent of the samples with float32's answer.</summary>
    public double AlikePercent { get; private set; } = 100;

    /// <summary>How many more than another model answers right, which answered the same samples.</summary>
    public PairedDifference Over(AnswerSheet other) => PairedDifference.Of(_isRight, other._isRight, _cluster);

    /// <summary>Lets a model answer.</summary>
    /// <param name="path">The model.</param>
    /// <param name="tested">Samples with labels.</param>
    /// <param name="source">What float32 answered; null for itself.</param>
    public static AnswerSheet Of(string path, TestedSamples tested, AnswerSheet? source)
    {
        var sheet = new AnswerSheet(tested.Cluster);
        using InferenceSession session = InferenceSession.Open(path);
        foreach (SampleBatch batch in tested.Samples.Read(Batch))
        {
            TensorBuffer scores = session.Run([.. session.Inputs.Select(input => (input.Name, batch[input.Name]))], [session.Outputs[0].Name])[0];
            if (source is null) sheet._scores.Add(scores.AsSpan<float>().ToArray());
            else sheet._agreement.Add(TensorBuffer.Create(scores.Shape, source._scores[sheet._answers.Count / Batch]), scores, batch.Rows, batch.ValidRows);
            sheet.Add(scores.AsSpan<float>(), (int)(scores.Length / batch.Rows), batch.Labels.Span);
        }
        if (source is not null)
        {
            sheet.Sqnr = sheet._agreement.Result().SqnrDb;
            sheet.AlikePercent = 100.0 * sheet._answers.Zip(source._answers).Count(pair => pair.First == pair.Second) / sheet._answers.Count;
        }
        return sheet;
    }

    private void Add(ReadOnlySpan<float> scores, int classes, ReadOnlySpan<long> labels)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> row = scores.Slice(i * classes, classes);
            int best = 0;
            for (int c = 1; c < classes; c++)
                if (row[c] > row[best]) best = c;
            _answers.Add(best);
            _isRight.Add(best == labels[i]);
        }
    }
}
