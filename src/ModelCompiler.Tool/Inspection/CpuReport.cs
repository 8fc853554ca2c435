using System.Runtime.InteropServices;

namespace ModelCompiler.Tool.Inspection;

/// <summary>The processor.</summary>
internal sealed record CpuReport(string Model, string Architecture, int Cores, IReadOnlyList<string> Features)
{
    /// <summary>This machine's.</summary>
    public static CpuReport Detect() => new(ModelName(), RuntimeInformation.ProcessArchitecture.ToString(), Environment.ProcessorCount, CpuFeatures.Detect());

    private static string ModelName()
    {
        const string Linux = "/proc/cpuinfo", Key = "model name";
        string? line = File.Exists(Linux) ? File.ReadLines(Linux).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line is null ? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
