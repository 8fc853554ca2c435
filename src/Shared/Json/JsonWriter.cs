using System.Globalization;
using System.Text;

namespace ModelCompiler.Json;

/// <summary>
/// Writes indented JSON in the order of the calls, in ASCII and with '\n', so that the same document has the same
/// bytes on every machine and in every culture.
/// </summary>
internal sealed class JsonWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private bool _needsComma;
    private bool _afterName;

    public JsonWriter BeginObject() => Begin('{');

    public JsonWriter EndObject() => End('}');

    public JsonWriter BeginArray() => Begin('[');

    public JsonWriter EndArray() => End(']');

    public JsonWriter Name(string name)
    {
        BeginValue();
        AppendString(name);
        _text.Append(": ");
        _afterName = true;
        return this;
    }

    public JsonWriter Value(string? value)
    {
        if (value is null)
        {
            return Raw("null");
        }

        BeginValue();
        AppendString(value);
        _needsComma = true;
        return this;
    }

    public JsonWriter Value(bool value) => Raw(value ? "true" : "false");

    public JsonWriter Value(long value) => Raw(value.ToString(CultureInfo.InvariantCulture));

    /// <exception cref="ArgumentOutOfRangeException">JSON has no NaN and no infinity.</exception>
    public JsonWriter Value(double? value) => value switch
    {
        null => Raw("null"),
        { } number when double.IsNaN(number) || double.IsInfinity(number) =>
            throw new ArgumentOutOfRangeException(nameof(value), "JSON has no NaN and no infinity."),
        { } number => Raw(number.ToString("R", CultureInfo.InvariantCulture)),
    };

    /// <summary>The document, ended by a newline.</summary>
    public override string ToString() => _text.ToString() + "\n";

    private JsonWriter Begin(char bracket)
    {
        BeginValue();
        _text.Append(bracket);
        _depth++;
        _needsComma = false;
        return this;
    }

    private JsonWriter End(char bracket)
    {
        _depth--;
        if (_needsComma)
        {
            NewLine();
        }

        _text.Append(bracket);
        _needsComma = true;
        return this;
    }

    private JsonWriter Raw(string token)
    {
        BeginValue();
        _text.Append(token);
        _needsComma = true;
        return this;
    }

    private void BeginValue()
    {
        if (_afterName)
        {
            _afterName = false;
            return;
        }

        if (_needsComma)
        {
            _text.Append(',');
        }

        if (_depth > 0)
        {
            NewLine();
        }
    }

    private void NewLine() => _text.Append('\n').Append(' ', 2 * _depth);

    private void AppendString(string value)
    {
        _text.Append('"');
        foreach (char c in value)
        {
            if (c is '"' or '\\')
            {
                _text.Append('\\').Append(c);
            }
            else if (c is >= ' ' and <= '~')
            {
                _text.Append(c);
            }
            else
            {
                _text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
        }

        _text.Append('"');
    }
}
