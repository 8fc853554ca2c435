using System.Globalization;
using ModelCompiler.Benchmarks.Accuracy;

namespace ModelCompiler.Benchmarks;

/// <summary>How the outputs of a model are those of the source.</summary>
/// <param name="Cosine">Least cosine between an output and float32's.</param>
/// <param name="Top1Percent">Samples whose largest element is float32's.</param>
/// <param name="Answers">What it answered on labelled samples; null without labels.</param>
internal sealed record OutputFigures(double Cosine, double Top1Percent, AnswerSheet? Answers);

/// <summary>What was measured of one contestant; prints as a line of the table.</summary>
/// <param name="Contestant">Who.</param>
/// <param name="Times">Time over float32's by setting; NaN where it was not timed.</param>
/// <param name="Milliseconds">Time of one sample on one thread.</param>
/// <param name="Outputs">Its answers.</param>
internal sealed record ContestantFigures(Contestant Contestant, double[] Times, double Milliseconds, OutputFigures Outputs)
{
    public static string Header =>
        $"{"contestant",-22} {string.Join(' ', ContestantTimes.Names.Select(name => name.PadLeft(7)))} {"cosine",8} {"top-1 %",8} {"accuracy",8} {"alike %",8} {"dB",6} {"KiB",7} {"CPU s",6} {"MiB",6}";

    public override string ToString()
    {
        string times = string.Join(' ', Times.Select(time => (double.IsNaN(time) ? "-" : time.ToString("F2", CultureInfo.InvariantCulture)).PadLeft(7)));
        string answers = Outputs.Answers is { } sheet ? string.Create(CultureInfo.InvariantCulture, $"{sheet.Percent,8:F2} {sheet.AlikePercent,8:F2} {sheet.Sqnr,6:F1}") : $"{"-",8} {"-",8} {"-",6}";
        long size = new FileInfo(Contestant.Path).Length / 1024;
        return string.Create(CultureInfo.InvariantCulture,
            $"{Contestant.Name,-22} {times} {Outputs.Cosine,8:F5} {Outputs.Top1Percent,8:F2} {answers} {size,7} {Contestant.Cost?.CpuSeconds,6:F1} {Contestant.Cost?.PeakMiB,6:F0}");
    }
}
