using System.Runtime.InteropServices;
using ModelCompiler.Runtime;

namespace ModelCompiler.Tool.Inspection;

/// <summary>ONNX Runtime's library as this program finds it.</summary>
internal sealed record RuntimeReport(string Version, int ApiVersion, string Path, string BuildInfo);

/// <summary>What there is of graphics: devices and drivers by their traces in the system, which say nothing of whether they work.</summary>
/// <param name="Devices">Device files of GPUs.</param>
/// <param name="NvidiaDriver">The version of NVIDIA's kernel module; null where there is none.</param>
/// <param name="VulkanLoader">Whether the Vulkan loader can be loaded.</param>
/// <param name="VulkanDrivers">Files that announce Vulkan drivers to it.</param>
internal sealed record GraphicsReport(IReadOnlyList<string> Devices, string? NvidiaDriver, bool VulkanLoader, IReadOnlyList<string> VulkanDrivers);

/// <summary>The whole picture of a machine, as far as it decides which models run where.</summary>
internal sealed record MachineReport
{
    public required string System { get; init; }

    public required string DotNet { get; init; }

    public required CpuReport Cpu { get; init; }

    /// <summary>What this process may use: a container's limit where there is one.</summary>
    public required long MemoryBytes { get; init; }

    public required GraphicsReport Graphics { get; init; }

    /// <summary>Null where no library could be loaded; <see cref="RuntimeProblem"/> then says why.</summary>
    public RuntimeReport? OnnxRuntime { get; init; }

    public string? RuntimeProblem { get; init; }

    /// <summary>Each execution provider; empty without ONNX Runtime.</summary>
    public IReadOnlyList<ProviderStatus> Providers { get; init; } = [];

    public static MachineReport Create()
    {
        var report = new MachineReport
        {
            System = RuntimeInformation.OSDescription,
            DotNet = RuntimeInformation.FrameworkDescription,
            Cpu = CpuReport.Detect(),
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Graphics = FindGraphics(),
        };
        try
        {
            return report with
            {
                OnnxRuntime = new RuntimeReport(OrtEnvironment.Version, OrtEnvironment.ApiVersion, OrtEnvironment.LibraryPath, OrtEnvironment.BuildInfo),
                Providers = [.. ProviderDescription.All.Select(description => OrtEnvironment.Inspect(description.Provider))],
            };
        }
        catch (NativeLibraryException e)
        {
            return report with { RuntimeProblem = $"{e.Code}: {e.Message}" };
        }
    }

    private static GraphicsReport FindGraphics()
    {
        const string Nvidia = "/sys/module/nvidia/version";
        return new GraphicsReport(
            [.. Files("/dev/dri", "renderD*"), .. Files("/dev", "nvidia?")],
            File.Exists(Nvidia) ? File.ReadAllText(Nvidia).Trim() : null,
            NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "vulkan-1.dll" : "libvulkan.so.1", out _),
            VulkanDrivers());
    }

    /// <summary>The variable replaces the folders, as in the Vulkan loader (LoaderDriverInterface, "Driver Discovery on Linux").</summary>
    private static string[] VulkanDrivers() =>
        (Environment.GetEnvironmentVariable("VK_DRIVER_FILES") ?? Environment.GetEnvironmentVariable("VK_ICD_FILENAMES")) is { Length: > 0 } listed
            ? [.. listed.Split(Path.PathSeparator).Where(File.Exists)]
            : [.. Files("/usr/share/vulkan/icd.d", "*.json"), .. Files("/etc/vulkan/icd.d", "*.json")];

    private static string[] Files(string folder, string pattern) => Directory.Exists(folder) ? [.. Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal)] : [];
}
