using System.Globalization;
using System.Text;
using ModelCompiler.Diagnostics;

namespace ModelCompiler.Generator.Signatures;

/// <summary>A diagnostic as a value; its descriptor is one of the table's, and so compares by reference.</summary>
internal sealed record ReportedDiagnostic(DiagnosticDescriptor Descriptor, string Text)
{
    public static ReportedDiagnostic Of(DiagnosticDescriptor descriptor, params object?[] arguments) => new(descriptor, OneLine(descriptor.Text(arguments)));

    /// <summary>Names of a model end up in build logs, where a line break could pose as another error.</summary>
    private static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = c is >= ' ' and <= '~' ? line.Append(c) : line.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
        }

        return line.ToString();
    }
}
