using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>How many of the labelled samples a model classified right.</summary>
public sealed record Accuracy(long Correct, long Total)
{
    /// <summary>From 0 to 1.</summary>
    public double Share => (double)Correct / Total;

    /// <summary>From 0 to 100: a loss of 1 is one sample in a hundred.</summary>
    public double Percent => 100 * Share;
}

/// <summary>
/// Counts samples whose class a model gets right. The class is read from the first output that gives one: floating-point scores with one row
/// of at least two classes per sample (dimensions of 1 beside them do not matter), of which the largest counts (the first among equals), or
/// integers, one per sample, that are the class itself.
/// </summary>
public sealed class AccuracyCounter
{
    private long _correct;
    private long _total;

    /// <summary>What was counted so far.</summary>
    public Accuracy Result => new(_correct, _total);

    /// <summary>Adds the samples of one run.</summary>
    /// <param name="outputs">The model's outputs, by name.</param>
    /// <param name="rows">Size of the batch dimension of the inputs; 1 for models without one.</param>
    /// <param name="labels">The class of each sample; rows past these do not count.</param>
    /// <exception cref="CompilerException">No output gives classes, or a label is none of them.</exception>
    public void Add(IReadOnlyList<(string Name, TensorBuffer Value)> outputs, int rows, ReadOnlySpan<long> labels)
    {
        foreach ((string name, TensorBuffer value) in outputs)
        {
            bool isScores = IsFloatingPoint(value.ElementType);
            bool isClass = value.ElementType is TensorElementType.Int64 or TensorElementType.Int32;
            if (!(isScores || isClass) || ClassesPerRow(value, rows) is not { } classes || classes > 1 != isScores) continue;
            Count(name, value, classes, labels);
            return;
        }
        throw DiagnosticTable.NoClassOutput.Error(string.Join(", ", outputs.Select(output => $"'{output.Name}' {output.Value}")));
    }

    private static bool IsFloatingPoint(TensorElementType type) =>
        type is TensorElementType.Float32 or TensorElementType.Float64 or TensorElementType.Float16 or TensorElementType.BFloat16;

    /// <summary>Numbers for each sample where they stand along one dimension; null where they do not.</summary>
    private static int? ClassesPerRow(TensorBuffer output, int rows)
    {
        ReadOnlySpan<long> shape = output.Shape;
        bool isBatched = shape.Length > 0 && shape[0] == rows;
        // A model without a batch dimension answers for one sample.
        if (!isBatched && rows > 1) return null;
        long classes = 1;
        foreach (long dim in shape[(isBatched ? 1 : 0)..])
        {
            if (dim == 1) continue;
            if (classes > 1 || dim is 0 or > int.MaxValue) return null;
            classes = dim;
        }
        return (int)classes;
    }

    private void Count(string name, TensorBuffer output, int classes, ReadOnlySpan<long> labels)
    {
        double[] row = new double[classes];
        for (int i = 0; i < labels.Length; i++)
        {
            if (classes > 1 && labels[i] >= classes || labels[i] < 0) throw DiagnosticTable.LabelOutOfRange.Error(labels[i], name, classes);
            TensorValues.CopyTo(output, i * classes, row);
            long predicted = classes > 1 ? IndexOfLargest(row) : (long)row[0];
            if (predicted == labels[i]) _correct++;
        }
        _total += labels.Length;
    }

    private static int IndexOfLargest(ReadOnlySpan<double> row)
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
            if (row[i] > row[best] || (double.IsNaN(row[i]) && !double.IsNaN(row[best]))) best = i;
        return best;
    }
}
