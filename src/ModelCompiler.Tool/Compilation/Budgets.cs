using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Checks the figures of a compiled model against the budgets of its item. The accuracy drop is the compiler's own matter: it steers by it.</summary>
internal static class Budgets
{
    public const double BytesPerMB = 1e6;

    /// <param name="settings">What is asked.</param>
    /// <param name="result">What was compiled.</param>
    /// <param name="bytes">What it takes, external data included.</param>
    /// <param name="sourceBytes">The same of the source.</param>
    /// <exception cref="CompilerException">A budget is missed (OM4xxx).</exception>
    public static void Check(ItemSettings settings, CompileResult result, long bytes, long sourceBytes)
    {
        if (settings.MinAccuracy is { } minimum && result.Accuracy is { } accuracy && accuracy.Compiled < minimum)
            throw DiagnosticTable.AccuracyTooLow.Error(minimum, Text(accuracy.Compiled, "F2"), Text(accuracy.Source, "F2"), AdviceOnAccuracy(minimum, accuracy.Source));
        if (settings.MaxSizeMB is { } size && bytes > size * BytesPerMB)
            throw DiagnosticTable.SizeBudgetMissed.Error(size, Text(bytes / BytesPerMB, "F3"), Text(sourceBytes / BytesPerMB, "F3"), AdviceOnChoice(settings, "fits"));
        if (settings.MaxLatencyRatio is not { } ratio) return;
        if (result.LatencyRatio is not { } measured) throw DiagnosticTable.LatencyNotMeasured.Error(ratio);
        if (measured > ratio) throw DiagnosticTable.LatencyBudgetMissed.Error(ratio, Text(measured, "F3"), AdviceOnChoice(settings, "is fast enough"));
    }

    private static string AdviceOnAccuracy(double minimum, double source) => source < minimum
        ? "No precision makes a model better than its source: allow less, or train it further."
        : string.Create(CultureInfo.InvariantCulture, $"MaxAccuracyDrop=\"{Math.Floor((source - minimum) * 100) / 100}\" keeps as much of it in float32 as that takes.");

    private static string AdviceOnChoice(ItemSettings settings, string what) => settings.Precision == Precision.Auto
        ? $"None of the precisions that hold the accuracy and are no slower than float32 {what}: allow more, or name one (the log has the figures of each)."
        : $"Precision=\"Auto\" looks for one that {what}; otherwise allow more.";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
