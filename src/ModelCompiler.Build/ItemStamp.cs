using System.Security.Cryptography;
using System.Text;
using ModelCompiler.Requests;

namespace ModelCompiler.Build;

/// <summary>
/// One hash over everything that decides whether an item's outputs are still good: its settings, the fingerprints
/// of the model and of the files it names, and the tool. Fingerprints are length and time, so that ten models cost
/// a few file lookups and no reading.
/// </summary>
internal sealed class ItemStamp(string projectFile, string rootNamespace, string toolAssembly)
{
    private static readonly string[] PathMetadata = ["Calibration", "Evaluation", "Teacher", "Candidates", "EscalateTo", "Labels"];

    /// <summary>Found once: the same for every item of a build.</summary>
    private readonly string _tool = DescribeTool(toolAssembly);

    public string Of(ModelItem item)
    {
        var text = new StringBuilder(_tool).Append(rootNamespace).Append('\n').Append(item.Name).Append('\n');
        AppendFile(text, item.Model);
        foreach (var pair in item.Metadata)
        {
            text.Append(pair.Key).Append('=').Append(pair.Value).Append('\n');
        }

        foreach (string path in PathMetadata.SelectMany(name => Paths(item, name)))
        {
            AppendPath(text, path);
        }

        return Hash(text.ToString());
    }

    /// <summary>A rebuilt library beside the tool makes it another tool.</summary>
    private static string DescribeTool(string toolAssembly)
    {
        var text = new StringBuilder();
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(toolAssembly)!, "*.dll").OrderBy(file => file, StringComparer.Ordinal))
        {
            AppendFile(text, file);
        }

        return text.ToString();
    }

    private IEnumerable<string> Paths(ModelItem item, string metadata) =>
        item.Metadata.TryGetValue(metadata, out string? value)
            ? value.Split([';'], StringSplitOptions.RemoveEmptyEntries).Select(path => ModelItem.FullPath(projectFile, path.Trim()))
            : [];

    private static void AppendPath(StringBuilder text, string path)
    {
        if (!Directory.Exists(path))
        {
            AppendFile(text, path);
            return;
        }

        foreach (string file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).OrderBy(file => file, StringComparer.Ordinal))
        {
            AppendFile(text, file);
        }
    }

    private static void AppendFile(StringBuilder text, string path) => text.Append(OutputStamp.InputEntry(path)).Append('\n');

    private static string Hash(string text)
    {
        using var sha256 = SHA256.Create();
        return string.Concat(sha256.ComputeHash(Encoding.UTF8.GetBytes(text)).Select(b => b.ToString("x2", null)));
    }
}
