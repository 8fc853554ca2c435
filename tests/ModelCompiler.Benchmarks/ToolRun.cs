using System.ComponentModel;
using System.Diagnostics;
using ModelCompiler.Runtime.Native;

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

    /// <summary>The tool as a program of this platform; it is there where a linker was when this was built.</summary>
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "native", OperatingSystem.IsWindows() ? "modelc.exe" : "modelc");

    /// <summary>What is measured, for people.</summary>
    public static string Form => File.Exists(Program) ? "modelc as a native program" : "modelc by the dotnet host: Debug, or no linker where this was built";

    /// <summary>Runs the tool, for at most so much processor time: a busy machine ends no run earlier.</summary>
    public static ToolRun Of(TimeSpan limit, params IReadOnlyList<string> arguments)
    {
        string[] command = File.Exists(Program) ? [Program] : ["dotnet", Path.Combine(AppContext.BaseDirectory, "modelc.dll")];
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The library lies beside the assemblies, as in the package, whose targets say where.
        start.Environment[LibraryLocator.PathVariable] = LibraryLocator.ExplicitPath ?? LibraryLocator.Files().First(File.Exists);
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
