using System.Globalization;
using System.Text;

namespace ModelCompiler.Json;

/// <summary>
/// Reads one JSON document (RFC 8259) from text. Strict: no comments, no trailing commas, no duplicate members,
/// and at most <see cref="MaxDepth"/> levels, so that no input can exhaust the stack. The generator must not ship
/// a dependency, and netstandard2.0 has no reader.
/// </summary>
internal sealed class JsonReader
{
    public const int MaxDepth = 32;

    private readonly string _text;
    private int _position;

    private JsonReader(string text) => _text = text;

    /// <exception cref="JsonFormatException">The text is not one JSON document.</exception>
    public static JsonValue Parse(string text)
    {
        var reader = new JsonReader(text);
        var value = reader.ReadValue(JsonPath.Root, 0);
        reader.SkipWhitespace();
        return reader._position == text.Length ? value : throw reader.Fault("expected the end of the document");
    }

    private JsonValue ReadValue(JsonPath path, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Fault("nested too deeply");
        }

        SkipWhitespace();
        switch (Peek())
        {
            case '{':
                return ReadObject(path, depth);
            case '[':
                return ReadArray(path, depth);
            case '"':
                return JsonValue.String(path, ReadString());
            case 't':
                Expect("true");
                return JsonValue.Boolean(path, true);
            case 'f':
                Expect("false");
                return JsonValue.Boolean(path, false);
            case 'n':
                Expect("null");
                return JsonValue.Null(path);
            default:
                return JsonValue.Number(path, ReadNumber());
        }
    }

    private JsonValue ReadObject(JsonPath path, int depth)
    {
        var members = new Dictionary<string, JsonValue>(StringComparer.Ordinal);
        Expect("{");
        SkipWhitespace();
        while (Peek() != '}')
        {
            string name = ReadString();
            SkipWhitespace();
            Expect(":");
            if (members.ContainsKey(name))
            {
                throw Fault("a member is given twice");
            }

            members.Add(name, ReadValue(path.Member(name), depth + 1));
            if (!SkipComma('}'))
            {
                break;
            }
        }

        Expect("}");
        return JsonValue.Object(path, members);
    }

    private JsonValue ReadArray(JsonPath path, int depth)
    {
        var items = new List<JsonValue>();
        Expect("[");
        SkipWhitespace();
        while (Peek() != ']')
        {
            items.Add(ReadValue(path.Item(items.Count), depth + 1));
            if (!SkipComma(']'))
            {
                break;
            }
        }

        Expect("]");
        return JsonValue.Array(path, items);
    }

    /// <summary>Skips the comma between two elements; false at the end of the list.</summary>
    private bool SkipComma(char end)
    {
        SkipWhitespace();
        if (Peek() != ',')
        {
            return false;
        }

        _position++;
        SkipWhitespace();
        return Peek() != end ? true : throw Fault("a comma without an element after it");
    }

    private string ReadString()
    {
        Expect("\"");
        int start = _position;
        while (Peek() is >= ' ' and not '"' and not '\\')
        {
            _position++;
        }

        string plain = _text.Substring(start, _position - start);
        return SkipIf('"') ? plain : ReadRest(new StringBuilder(plain));
    }

    /// <summary>A string from its first escape on.</summary>
    private string ReadRest(StringBuilder text)
    {
        while (true)
        {
            char c = Next();
            switch (c)
            {
                case '"':
                    return text.ToString();
                case '\\':
                    text.Append(ReadEscape());
                    break;
                case < ' ':
                    throw Fault("a control character in a string");
                default:
                    text.Append(c);
                    break;
            }
        }
    }

    private char ReadEscape() => Next() switch
    {
        '"' => '"',
        '\\' => '\\',
        '/' => '/',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => (char)((ReadHexDigit() << 12) | (ReadHexDigit() << 8) | (ReadHexDigit() << 4) | ReadHexDigit()),
        _ => throw Fault("an unknown escape"),
    };

    private int ReadHexDigit() => Next() switch
    {
        >= '0' and <= '9' and var c => c - '0',
        >= 'a' and <= 'f' and var c => c - 'a' + 10,
        >= 'A' and <= 'F' and var c => c - 'A' + 10,
        _ => throw Fault("a bad \\u escape"),
    };

    private string ReadNumber()
    {
        int start = _position;
        SkipIf('-');
        if (!SkipIf('0'))
        {
            SkipDigits();
        }

        if (SkipIf('.'))
        {
            SkipDigits();
        }

        if (SkipIf('e') || SkipIf('E'))
        {
            _ = SkipIf('+') || SkipIf('-');
            SkipDigits();
        }

        return _text.Substring(start, _position - start);
    }

    private void SkipDigits()
    {
        if (Peek() is < '0' or > '9')
        {
            throw Fault("expected a value");
        }

        while (Peek() is >= '0' and <= '9')
        {
            _position++;
        }
    }

    private bool SkipIf(char c)
    {
        bool found = Peek() == c;
        _position += found ? 1 : 0;
        return found;
    }

    private void SkipWhitespace()
    {
        while (Peek() is ' ' or '\t' or '\r' or '\n')
        {
            _position++;
        }
    }

    private void Expect(string token)
    {
        if (string.CompareOrdinal(_text, _position, token, 0, token.Length) != 0)
        {
            throw Fault("expected '" + token + "'");
        }

        _position += token.Length;
    }

    /// <summary>The next character, or NUL (which no token starts with) at the end.</summary>
    private char Peek() => _position < _text.Length ? _text[_position] : '\0';

    private char Next() => _position < _text.Length ? _text[_position++] : throw Fault("the document ends too early");

    private JsonFormatException Fault(string what)
    {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < _position; i++)
        {
            if (_text[i] == '\n')
            {
                line++;
                lineStart = i + 1;
            }
        }

        string where = string.Format(CultureInfo.InvariantCulture, "line {0}, column {1}", line, _position - lineStart + 1);
        return new JsonFormatException($"{what} ({where})");
    }
}
