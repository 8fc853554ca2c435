using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Checks the figures of a compiled model against the budgets of its item. The accuracy drop is the compiler's own matter: it steers by it.</summary>
internal static class Budgets
{
    private const double BytesPerMB = 1e6;

    /// <exception cref="CompilerException">A budget is missed (OM4xxx).</exception>
    public static void Check(ItemSettings settings, CompileResult result, long bytes)
    {
        if (settings.MinAccuracy is { } minimum && result.Accuracy is { } accuracy && accuracy.Compiled < minimum)
            throw DiagnosticTable.AccuracyTooLow.Error(minimum, Text(accuracy.Compiled, "F2"), Text(accuracy.Source, "F2"));
        if (settings.MaxSizeMB is { } size && bytes > size * BytesPerMB)
            throw DiagnosticTable.SizeBudgetMissed.Error(size, Text(bytes / BytesPerMB, "F3"));
        if (settings.MaxLatencyRatio is not { } ratio) return;
        if (result.LatencyRatio is not { } measured) throw DiagnosticTable.LatencyNotMeasured.Error(ratio);
        if (measured > ratio) throw DiagnosticTable.LatencyBudgetMissed.Error(ratio, Text(measured, "F3"));
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
