using System.ComponentModel;
using System.Diagnostics;

namespace ModelCompiler.Benchmarks;

/// <summary>A run of modelc in a process of its own, so that its processor time and memory are its own.</summary>
/// <param name="ExitCode">What it ended with; null where it was killed, for it took too long.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">Progress and problems.</param>
/// <param name="CpuSeconds">Processor time of all threads.</param>
/// <param name="PeakMiB">The largest working set.</param>
internal sealed record ToolRun(int? ExitCode, string Output, string Error, double CpuSeconds, double PeakMiB)
{
    /// <summary>What the system tells of a process is gone when it has ended: it is asked this often.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a run may last whatever it does.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>Runs the tool, for at most so much processor time: a busy machine ends no run earlier.</summary>
    public static ToolRun Of(TimeSpan limit, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "modelc.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        var time = Stopwatch.StartNew();
        (double cpuSeconds, double peak) = (0, 0);
        bool isOver = false;
        do
        {
            if (Usage(process) is not { } usage) break;
            isOver = usage.CpuSeconds > limit.TotalSeconds || time.Elapsed > Longest;
            (cpuSeconds, peak) = (Math.Max(cpuSeconds, usage.CpuSeconds), Math.Max(peak, usage.PeakMiB));
        }
        while (!isOver && !process.WaitForExit(Interval));
        if (isOver) process.Kill();
        process.WaitForExit();
        return new ToolRun(isOver ? null : process.ExitCode, output.Result, error.Result, cpuSeconds, peak);
    }

    /// <summary>What a process has used; null when it has ended.</summary>
    private static (double CpuSeconds, double PeakMiB)? Usage(Process process)
    {
        try
        {
            process.Refresh();
            return (process.TotalProcessorTime.TotalSeconds, process.PeakWorkingSet64 / (1024.0 * 1024));
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return null;
        }
    }
}
