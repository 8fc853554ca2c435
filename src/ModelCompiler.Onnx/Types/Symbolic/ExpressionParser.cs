using System.Globalization;

namespace ModelCompiler.Onnx;

/// <summary>
/// Reads the name of a dimension. Exporters write arithmetic there (<c>past_sequence_length + sequence_length</c>, <c>floor((width - 1)/2) + 1</c>);
/// what does not read as such is one symbol, hyphens without spaces around them included (<c>batch-size</c>).
/// Grammar: sum = product {(+|-) product}; product = unary {* unary}; unary = [-] primary; primary = integer | name | "(" sum ")" | floor(a/b) | max(a, b) | min(a, b).
/// </summary>
internal ref struct ExpressionParser
{
    // Deeper nesting is no dimension that an exporter wrote.
    private const int MaxDepth = 16;

    private readonly ReadOnlySpan<char> _text;
    private int _position;
    private int _depth;

    private ExpressionParser(ReadOnlySpan<char> text) => _text = text;

    /// <summary>The expression that the name spells, or a symbol of that name. The name is kept as the text of the expression.</summary>
    public static IntegerExpression Parse(string name)
    {
        if (!name.AsSpan().ContainsAny("+*(") && !name.Contains(" - ", StringComparison.Ordinal)) return Symbol(name);
        var parser = new ExpressionParser(name);
        IntegerExpression result = parser.Sum();
        bool isWhole = !result.IsUnknown && parser._position == name.Length;
        return isWhole && result.Polynomial is not null ? result.WithText(name) : Symbol(name);
    }

    private static IntegerExpression Symbol(string name) => IntegerExpression.OfAtom(Atom.Symbol(name));

    private IntegerExpression Sum()
    {
        if (++_depth > MaxDepth) return default;
        IntegerExpression sum = Product();
        while (!sum.IsUnknown)
        {
            if (Accept('+')) sum += Product();
            else if (Accept('-')) sum -= Product();
            else break;
        }
        _depth--;
        return sum;
    }

    private IntegerExpression Product()
    {
        IntegerExpression product = Unary();
        while (!product.IsUnknown && Accept('*')) product *= Unary();
        return product;
    }

    private IntegerExpression Unary() => Accept('-') ? Primary() * -1 : Primary();

    private IntegerExpression Primary()
    {
        if (Accept('('))
        {
            IntegerExpression inner = Sum();
            return Accept(')') ? inner : default;
        }
        ReadOnlySpan<char> word = Word();
        if (word.IsEmpty) return default;
        if (long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return number;
        if (!Accept('(')) return char.IsAsciiDigit(word[0]) ? default : Symbol(word.ToString());
        return word switch
        {
            "floor" => Function('/', ExpressionMath.FloorDivide),
            "max" => Function(',', ExpressionMath.Max),
            "min" => Function(',', ExpressionMath.Min),
            _ => default,
        };
    }

    private IntegerExpression Function(char separator, Func<IntegerExpression, IntegerExpression, IntegerExpression> compute)
    {
        IntegerExpression left = Sum();
        if (!Accept(separator)) return default;
        IntegerExpression right = Sum();
        return Accept(')') ? compute(left, right) : default;
    }

    private ReadOnlySpan<char> Word()
    {
        SkipSpaces();
        int start = _position;
        while (_position < _text.Length && IsWordPart(_position)) _position++;
        return _text[start.._position];
    }

    private readonly bool IsWordPart(int index)
    {
        char c = _text[index];
        if (char.IsLetterOrDigit(c) || c is '_' or '.' or ':') return true;
        // A hyphen inside a word belongs to it.
        return c == '-' && index > 0 && index + 1 < _text.Length && char.IsLetterOrDigit(_text[index - 1]) && char.IsLetter(_text[index + 1]);
    }

    private bool Accept(char token)
    {
        SkipSpaces();
        if (_position >= _text.Length || _text[_position] != token) return false;
        _position++;
        SkipSpaces();
        return true;
    }

    private void SkipSpaces()
    {
        while (_position < _text.Length && _text[_position] == ' ') _position++;
    }
}
