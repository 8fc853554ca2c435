using System.Security.Cryptography;
using System.Text;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Caching;

/// <summary>
/// What a compiled model is known by: a SHA-256 over the content of every file that is read, the settings that change the model, and the
/// programs that compile. Paths, times and what only names the generated type are no part of it, so that checkouts and projects share.
/// </summary>
internal static class CacheKey
{
    /// <summary>Raised when the same inputs are to give other outputs.</summary>
    private const int Format = 2;

    /// <summary>64 lower-case hexadecimal digits.</summary>
    /// <param name="name">Base name of the outputs.</param>
    /// <param name="settings">The item's.</param>
    /// <param name="files">What is read.</param>
    /// <param name="cpu">The processor that compiles.</param>
    public static string Of(string name, ItemSettings settings, IReadOnlyList<InputFile> files, CpuReport cpu)
    {
        var texts = new SortedDictionary<string, string>(Provenance.SettingTexts(settings), StringComparer.Ordinal);
        var content = new KeyContent(Format, name, ToolFacts.Current, texts, files, IsForThisMachine(settings) ? [cpu.Model, .. cpu.Features] : []);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(content))));
    }

    /// <summary>
    /// A budget of latency and kernels of the build machine are promises about the processor: what another one has made keeps neither. What gains on AMX's
    /// tiles is measured where they are.
    /// </summary>
    private static bool IsForThisMachine(ItemSettings settings) => settings.MaxLatencyRatio is not null || settings.TargetCpu is TargetCpu.Native or TargetCpu.Amx;

    internal sealed record KeyContent(
        int Format, string Name, ToolFacts Tool, SortedDictionary<string, string> Settings, IReadOnlyList<InputFile> Files, IReadOnlyList<string> Machine);
}
