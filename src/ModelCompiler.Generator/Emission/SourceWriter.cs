using System.Text;

namespace ModelCompiler.Generator.Emission;

/// <summary>Lines of source, indented by their blocks.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public SourceWriter Line(string text = "")
    {
        if (text.Length > 0)
        {
            _text.Append(' ', 4 * _depth).Append(text);
        }

        _text.Append('\n');
        return this;
    }

    public SourceWriter Open(string header)
    {
        Line(header).Line("{");
        _depth++;
        return this;
    }

    /// <summary>Opens a constructor that calls another one.</summary>
    public SourceWriter Open(string header, string initializer)
    {
        Line(header).Line("    : " + initializer).Line("{");
        _depth++;
        return this;
    }

    public SourceWriter Close(string end = "}")
    {
        _depth--;
        return Line(end);
    }

    public SourceWriter Summary(string text) => Line("/// <summary>" + text + "</summary>");

    public override string ToString() => _text.ToString();
}
