using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>
/// What another choice than a model's own costs, if its probabilities are right: p(its choice) − p(the other), the regret of a decision (Devroye, Györfi
/// and Lugosi 1996, theorem 2.2). A change between classes that are nearly tied costs nearly nothing, however many there are of them.
/// </summary>
internal static class ChoiceRegret
{
    /// <summary>Rounding of float16 and of sums over many classes.</summary>
    private const double SumTolerance = 1e-2;

    /// <summary>The regret of one row, from 0 to 1; 1 where the row has no probabilities.</summary>
    /// <param name="scores">Scores of the model; what is no distribution becomes one by softmax.</param>
    /// <param name="start">Where the row starts.</param>
    /// <param name="length">Its length.</param>
    /// <param name="stride">How far from each other its scores stand.</param>
    /// <param name="choice">The model's choice, the place of its largest score.</param>
    /// <param name="other">The other choice.</param>
    public static double Of(TensorBuffer scores, int start, int length, int stride, int choice, int other)
    {
        var row = new double[length];
        if (stride == 1) TensorValues.CopyTo(scores, start, row);
        else
            for (int i = 0; i < length; i++) TensorValues.CopyTo(scores, start + (i * stride), row.AsSpan(i, 1));
        double regret = (IsDistribution(row) ? row[choice] - row[other] : (1 - Math.Exp(row[other] - row[choice])) / row.Sum(score => Math.Exp(score - row[choice])));
        return double.IsFinite(regret) ? regret : 1;
    }

    private static bool IsDistribution(double[] row) => row.All(score => score >= 0) && Math.Abs(row.Sum() - 1) <= SumTolerance;
}
