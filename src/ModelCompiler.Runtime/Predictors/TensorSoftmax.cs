using System.Numerics;

namespace ModelCompiler.Runtime;

/// <summary>
/// Probabilities of each row of scores: exp(xᵢ − max) / Σ exp(xⱼ − max), in the type of the scores (Goodfellow, Bengio and Courville, Deep Learning,
/// section 4.1).
/// </summary>
public static class TensorSoftmax
{
    /// <summary>Probabilities of each row.</summary>
    public static PredictionTensor<T> Softmax<T>(this PredictionTensor<T> scores)
        where T : IFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(scores);
        var result = scores.ToArray();
        Scores.Softmax<T>(result, scores.View.RowLength);
        return new PredictionTensor<T>(result, scores.Shape) { Labels = scores.Labels };
    }

    /// <summary>Probabilities of each row.</summary>
    public static InlineTensor<T, TElements> Softmax<T, TElements>(this in InlineTensor<T, TElements> scores)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TElements : unmanaged, IInlineElements
    {
        Span<T> result = stackalloc T[scores.Length];
        scores.Span.CopyTo(result);
        Scores.Softmax(result, scores.View.RowLength);
        return new InlineTensor<T, TElements>(result);
    }
}
