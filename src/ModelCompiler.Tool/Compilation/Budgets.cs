using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Checks the figures of a compiled model against the budgets of its item. The accuracy drop is the compiler's own matter: it steers by it.</summary>
/// <param name="settings">What is asked.</param>
/// <param name="result">What was compiled.</param>
/// <param name="isPlanned">Whether a plan beside the model decided what it became.</param>
internal sealed class Budgets(ItemSettings settings, CompileResult result, bool isPlanned)
{
    public const double BytesPerMB = 1e6;

    private const string AdviceOnPlan = "The plan beside the model decided what it is made of: write it again with modelc tune and the settings of the item, or delete it to have this build decide anew.";

    /// <param name="bytes">What the compiled model takes, external data included.</param>
    /// <param name="sourceBytes">The same of the source.</param>
    /// <exception cref="CompilerException">A budget is missed (OM4xxx).</exception>
    public void Check(long bytes, long sourceBytes)
    {
        if (settings.MinAccuracy is { } minimum && result.Accuracy is { } accuracy && accuracy.Compiled < minimum)
            throw DiagnosticTable.AccuracyTooLow.Error(minimum, Text(accuracy.Compiled, "0.00##"), Text(accuracy.Source, "0.00##"), AdviceOnAccuracy(minimum, accuracy.Source));
        if (settings.MaxSizeMB is { } size && bytes > size * BytesPerMB)
            throw DiagnosticTable.SizeBudgetMissed.Error(size, Text(bytes / BytesPerMB, "0.000###"), Text(sourceBytes / BytesPerMB, "0.000###"), AdviceOnChoice("fits"));
        if (settings.MaxLatencyRatio is not { } ratio) return;
        if (result.LatencyRatio is not { } measured) throw DiagnosticTable.LatencyNotMeasured.Error(ratio, WhyNotMeasured());
        if (result.IsTooSlow) throw DiagnosticTable.LatencyBudgetMissed.Error(ratio, Text(measured, "F3"), AdviceOnChoice("is fast enough"));
    }

    private string AdviceOnAccuracy(double minimum, double source)
    {
        if (source < minimum) return "No precision makes a model better than its source: allow less, or train it further.";
        return isPlanned ? AdviceOnPlan
            : string.Create(CultureInfo.InvariantCulture, $"MaxAccuracyDrop=\"{Math.Floor((source - minimum) * 100) / 100}\" keeps as much of it in float32 as that takes.");
    }

    private string AdviceOnChoice(string what)
    {
        if (isPlanned) return AdviceOnPlan;
        if (result.Warnings.Any(warning => warning.Code == DiagnosticTable.TuningUnfinished.Id))
            return $"None of the precisions that Auto had the time to try {what}: give it more (TuningBudget), allow more, or name one (the log says which were not tried).";
        return settings.Precision == Precision.Auto
            ? $"None of the precisions that hold the accuracy and are no slower than float32 {what}: allow more, or name one (the log has the figures of each)."
            : $"Precision=\"Auto\" looks for one that {what}; otherwise allow more.";
    }

    private string WhyNotMeasured() => ProviderTargets.Of(settings.ExecutionProviders[0], settings.TargetCpu).RunsHere
        ? "there are no inputs to measure with. Give some with Calibration or Evaluation."
        : "what it is laid out for is not what this machine times models on. Measure with modelc bench where the program will run.";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
