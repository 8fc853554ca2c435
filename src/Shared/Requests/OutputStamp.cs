using System.Globalization;

namespace ModelCompiler.Requests;

/// <summary>
/// The last file that the tool publishes for an item: proof that the item is done, and the list of files that a
/// later build needs to see to call it up to date. A line each: the stamp of the request, <c>out</c> with the
/// name of a file in the output directory, <c>in</c> with the fingerprint and full path of a file that was read
/// beyond those the item names (external data), <c>warn</c> with the code and text of a warning: a build that has nothing to do repeats it,
/// so that one which fails a build by <c>WarningsAsErrors</c> does not pass the second time.
/// </summary>
internal sealed record OutputStamp(string Stamp, IReadOnlyList<string> Outputs, IReadOnlyList<string> Inputs)
{
    private const string OutPrefix = "out ";
    private const string InPrefix = "in ";
    private const string WarnPrefix = "warn ";

    /// <summary>What the compilation warned of.</summary>
    public IReadOnlyList<(string Code, string Text)> Warnings { get; init; } = [];

    public static string FileName(string name) => name + ".stamp";

    /// <summary>Length and time of the last write: cheap, and enough to see that a file was touched.</summary>
    public static string Fingerprint(string path)
    {
        var file = new FileInfo(path);
        return file.Exists
            ? string.Format(CultureInfo.InvariantCulture, "{0}:{1}", file.Length, file.LastWriteTimeUtc.Ticks)
            : "missing";
    }

    /// <summary>An entry of <see cref="Inputs"/>; to be taken before the file is read.</summary>
    public static string InputEntry(string path) => Fingerprint(path) + " " + path;

    public string Write() => string.Concat(
        new[] { Stamp }.Concat(Outputs.Select(o => OutPrefix + o)).Concat(Inputs.Select(i => InPrefix + i)).Concat(Warnings.Select(w => WarnPrefix + w.Code + " " + w.Text))
            .Select(line => line + "\n"));

    public static OutputStamp Parse(string text)
    {
        string[] lines = text.Split(['\n'], StringSplitOptions.RemoveEmptyEntries);
        return new OutputStamp(lines.FirstOrDefault() ?? "", WithPrefix(lines, OutPrefix), WithPrefix(lines, InPrefix))
        {
            Warnings = [.. WithPrefix(lines, WarnPrefix).Select(ParseWarning)],
        };
    }

    /// <summary>Whether every output is still there and every input still as it was read.</summary>
    public bool IsIntact(string outputDirectory) =>
        Outputs.Count > 0 && Outputs.All(output => File.Exists(Path.Combine(outputDirectory, output))) && Inputs.All(IsUnchanged);

    private static bool IsUnchanged(string entry)
    {
        int space = entry.IndexOf(' ');
        return space > 0 && InputEntry(entry.Substring(space + 1)) == entry;
    }

    private static (string Code, string Text) ParseWarning(string line)
    {
        int space = Math.Max(line.IndexOf(' '), 0);
        return (line.Substring(0, space), line.Substring(space).TrimStart());
    }

    private static string[] WithPrefix(string[] lines, string prefix) =>
        [.. lines.Where(line => line.StartsWith(prefix, StringComparison.Ordinal)).Select(line => line.Substring(prefix.Length))];
}
