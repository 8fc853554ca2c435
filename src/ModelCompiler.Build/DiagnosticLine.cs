using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelCompiler.Build;

/// <summary>A diagnostic as the tool writes it: <c>file(line,column): error OM1001: text</c>, the place being optional.</summary>
internal sealed record DiagnosticLine(string File, int Line, int Column, bool IsError, string Code, string Text)
{
    private static readonly Regex Form = new(
        @"^(?<file>.*?)(\((?<line>\d{1,9}),(?<column>\d{1,9})\))?: (?<severity>error|warning) (?<code>OM\d{4}): (?<text>.*)$",
        RegexOptions.CultureInvariant,
        matchTimeout: TimeSpan.FromSeconds(1));

    /// <summary>The diagnostic; null where the line is none.</summary>
    public static DiagnosticLine? Parse(string line)
    {
        var match = Form.Match(line);
        return match.Success
            ? new DiagnosticLine(
                match.Groups["file"].Value, Number(match.Groups["line"]), Number(match.Groups["column"]),
                match.Groups["severity"].Value == "error", match.Groups["code"].Value, match.Groups["text"].Value)
            : null;
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;
}
