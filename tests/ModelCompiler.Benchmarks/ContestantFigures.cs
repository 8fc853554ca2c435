using System.Globalization;

namespace ModelCompiler.Benchmarks;

/// <summary>How the outputs of a model are those of the source.</summary>
/// <param name="Cosine">Least cosine between an output and float32's.</param>
/// <param name="Top1Percent">Samples whose largest element is float32's.</param>
/// <param name="AccuracyPercent">Labelled samples answered right; null without labels.</param>
internal sealed record OutputFigures(double Cosine, double Top1Percent, double? AccuracyPercent);

/// <summary>What was measured of one contestant; prints as a line of the table.</summary>
/// <param name="Contestant">Who.</param>
/// <param name="Times">Time over float32's by setting; NaN where it was not timed.</param>
/// <param name="Outputs">Its answers.</param>
internal sealed record ContestantFigures(Contestant Contestant, double[] Times, OutputFigures Outputs)
{
    public static string Header =>
        $"{"contestant",-22} {string.Join(' ', ContestantTimes.Names.Select(name => name.PadLeft(7)))} {"cosine",8} {"top-1 %",8} {"accuracy",8} {"KiB",7} {"CPU s",6} {"MiB",6}";

    public override string ToString()
    {
        string times = string.Join(' ', Times.Select(time => (double.IsNaN(time) ? "-" : time.ToString("F2", CultureInfo.InvariantCulture)).PadLeft(7)));
        string accuracy = Outputs.AccuracyPercent?.ToString("F2", CultureInfo.InvariantCulture) ?? "-";
        long size = new FileInfo(Contestant.Path).Length / 1024;
        return string.Create(CultureInfo.InvariantCulture,
            $"{Contestant.Name,-22} {times} {Outputs.Cosine,8:F5} {Outputs.Top1Percent,8:F2} {accuracy,8} {size,7} {Contestant.Cost?.CpuSeconds,6:F1} {Contestant.Cost?.PeakMiB,6:F0}");
    }
}
