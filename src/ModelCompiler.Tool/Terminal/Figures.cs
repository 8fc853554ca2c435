using System.Globalization;

namespace ModelCompiler.Tool.Terminal;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Figures
{
    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => Text($"{bytes} B"),
        < 10_000_000 => Text($"{bytes / 1024.0:F1} KiB"),
        _ => Text($"{bytes / 1048576.0:F1} MiB"),
    };

    /// <summary>A share from 0 to 1.</summary>
    public static string Percent(double share) => Text($"{100 * share:F2} %");

    public static string Milliseconds(double milliseconds) => milliseconds < 10 ? Text($"{milliseconds:F3} ms") : Text($"{milliseconds:F1} ms");

    public static string Cosine(double cosine) => Text($"{cosine:F6}");

    public static string Decibels(double decibels) => double.IsPositiveInfinity(decibels) ? "equal" : double.IsFinite(decibels) ? Text($"{decibels:F1} dB") : "broken";

    public static string Ratio(double ratio) => Text($"{ratio:F3}");

    public static string Significant(double value) => Text($"{value:G4}");

    public static string Count(long count) => count switch
    {
        < 10_000 => Text($"{count}"),
        < 1_000_000 => Text($"{count / 1e3:F1} K"),
        < 1_000_000_000 => Text($"{count / 1e6:F1} M"),
        _ => Text($"{count / 1e9:F1} G"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
