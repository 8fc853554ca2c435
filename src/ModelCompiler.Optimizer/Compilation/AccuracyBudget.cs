namespace ModelCompiler.Optimizer.Compilation;

/// <summary>What a compilation may lose.</summary>
/// <param name="Points">One point is one sample in a hundred.</param>
/// <param name="ForgivesTies">
/// Without labels: whether an answer that changed between classes that were nearly tied counts only by what it seems to cost
/// (<see cref="Evaluation.ExpectedDrop"/>), rather than as lost (<see cref="Evaluation.Drop"/>).
/// </param>
internal sealed record AccuracyBudget(double Points, bool ForgivesTies)
{
    /// <summary>Where the user named no number: a tenth of a point of accuracy where there are labels, else a point of what seems lost.</summary>
    public static AccuracyBudget Default(CompilationJob job) => new(job.Labelled is null ? 1 : 0.1, ForgivesTies: true);

    /// <summary>Points lost of it; null where that cannot be told.</summary>
    public double? Loss(Evaluation evaluation) => ForgivesTies ? evaluation.ExpectedDrop : evaluation.Drop;

    public bool Holds(Evaluation? evaluation) => evaluation is null || Loss(evaluation) is not { } loss || loss <= Points + 1e-9;
}
