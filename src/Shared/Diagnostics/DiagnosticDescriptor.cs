using System.Globalization;

namespace ModelCompiler.Diagnostics;

/// <summary>A kind of diagnostic: its stable id and its text.</summary>
internal sealed class DiagnosticDescriptor
{
    public DiagnosticDescriptor(string id, string format)
    {
        Id = id;
        Format = format;
    }

    public string Id { get; }

    public string Format { get; }

    public string Text(params object?[] arguments) => string.Format(CultureInfo.InvariantCulture, Format, arguments);
}
