using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

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

    /// <summary>Points lost of it.</summary>
    public double Loss(Evaluation evaluation) => ForgivesTies ? evaluation.ExpectedDrop : evaluation.Drop;

    public bool Holds(Evaluation? evaluation) => evaluation is null || Loss(evaluation) <= Points + 1e-9;

    /// <summary>The error where it is missed: what was reached, and what to do.</summary>
    /// <param name="job">What was asked, and what it was measured on.</param>
    /// <param name="closest">What loses least.</param>
    /// <param name="worst">The layer that does most damage; null where none was looked for.</param>
    public CompilerException Missed(CompilationJob job, CompiledModel closest, string? worst)
    {
        string points = Points.ToString(CultureInfo.InvariantCulture), lost = Loss(closest.Evaluation!).ToString("G4", CultureInfo.InvariantCulture);
        if (job.Options.Plan is not null) return DiagnosticTable.PlanBudgetMissed.Error(points, lost, closest.Plan);
        string where = worst is null ? $"{closest.Plan}" : $"{closest.Plan}; the layer that does most damage is '{worst}'";
        string advice = (closest.Plan.Precision == Precision.Int8 ? "give more calibration samples, " : "")
            + (job.Labelled is null ? "give labelled ones (Evaluation), as without labels an answer that was nearly a tie counts like any other, " : "");
        return DiagnosticTable.AccuracyBudgetMissed.Error(points, lost, (job.Labelled ?? job.AnySamples!).Count, where, advice);
    }
}
