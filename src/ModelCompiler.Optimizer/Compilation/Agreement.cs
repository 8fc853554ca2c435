namespace ModelCompiler.Optimizer.Compilation;

/// <summary>How the outputs of two models agree over a number of samples, or of random inputs (<paramref name="IsMadeUp"/>).</summary>
public sealed record Agreement(int Samples, IReadOnlyList<OutputAgreement> Outputs, bool IsMadeUp = false);

/// <summary>
/// Agreement of one output. <paramref name="Cosine"/> is the cosine of the angle between all elements of both; <paramref name="SqnrDb"/> is
/// 10·log10(Σa² / Σ(a−b)²) in decibels, positive infinity where equal; <paramref name="MaxAbs"/> the largest difference;
/// <paramref name="Top1Agreement"/> the share of rows (last axis) with the same largest element, null for outputs without such an axis.
/// </summary>
public sealed record OutputAgreement(string Name, double Cosine, double SqnrDb, double MaxAbs, double? Top1Agreement)
{
    /// <summary>
    /// What the rows whose largest element is another cost, if the first model's probabilities are right: the mean over all rows of the difference
    /// between the probabilities of both choices. Null for outputs without rows.
    /// </summary>
    public double? Regret { get; init; }

    /// <summary>
    /// Of outputs that name things (classes, indices and flags: integers of 32 and 64 bits, booleans, strings), the share of elements that are the
    /// same: how far apart two names are means nothing. Null for outputs that are quantities.
    /// </summary>
    public double? Same { get; init; }

    /// <summary>
    /// Whether the first model's largest element is the same one in all of many rows: the columns of a regression, one of which is larger than the others, say. That
    /// the second model has the same says nothing then.
    /// </summary>
    public bool IsOneAnswer { get; init; }

    /// <summary>Whether it is no output of the model, but what its outputs choose from: by that it is judged how good the numbers are.</summary>
    public bool IsBeforeSelection { get; init; }

    /// <summary>Whether its size hangs on numbers: where there are other outputs, those decide what is accurate.</summary>
    public bool IsSelection { get; init; }
}
