using System.Security.Cryptography;
using System.Text;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Reports;
using ModelCompiler.Tool.Settings;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Caching;

/// <summary>
/// What a compiled model is known by: a SHA-256 over the content of every file that is read, the settings that change the model, and the programs that compile. Paths,
/// times and what only names the generated type are no part of it, so that checkouts and projects share.
/// </summary>
internal static class CacheKey
{
    /// <summary>Raised when the same inputs are to give other outputs.</summary>
    private const int Format = 1;

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public static string Of(string name, ItemSettings settings, IReadOnlyList<InputFile> files)
    {
        var content = new KeyContent(Format, name, ToolFacts.Current, new(Provenance.SettingTexts(settings), StringComparer.Ordinal), files);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(content))));
    }

    private sealed record KeyContent(int Format, string Name, ToolFacts Tool, SortedDictionary<string, string> Settings, IReadOnlyList<InputFile> Files);
}
