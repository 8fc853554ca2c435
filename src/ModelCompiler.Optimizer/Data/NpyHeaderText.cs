using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// The dictionary in the head of a <c>.npy</c> file, a small part of Python's syntax:
/// <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>.
/// </summary>
internal sealed class NpyHeaderText
{
    // NumPy's own limit is 64 (NPY_MAXDIMS of NumPy 2).
    private const int MaxRank = 64;

    private readonly string _text;
    private readonly string _where;
    private int _position;

    public NpyHeaderText(string text, string where)
    {
        _text = text;
        _where = where;
        Parse();
    }

    /// <summary>The type's name; null for a structured type, which is a list.</summary>
    public string? Descr { get; private set; }

    public bool IsFortranOrder { get; private set; }

    public long[] Shape { get; private set; } = [];

    private void Parse()
    {
        var seen = new HashSet<string>();
        Expect('{');
        while (!TrySkip('}'))
        {
            string key = ParseString();
            Expect(':');
            if (!seen.Add(key)) throw Fault($"its header gives '{key}' twice");
            if (key == "descr" && !ParseDescr()) return;
            if (key == "fortran_order") IsFortranOrder = ParseBoolean();
            if (key == "shape") Shape = ParseShape();
            if (key is not ("descr" or "fortran_order" or "shape")) throw Fault($"its header has an unknown field '{key}'");
            if (!TrySkip(',') && Peek() != '}') throw Fault("its header is malformed");
        }
        if (seen.Count < 3) throw Fault("its header lacks a field");
    }

    /// <summary>False for a structured type: what it holds cannot be used, so the rest is not read.</summary>
    private bool ParseDescr()
    {
        if (Peek() == '[') return false;
        Descr = ParseString();
        return true;
    }

    private string ParseString()
    {
        char quote = Peek();
        if (quote is not ('\'' or '"')) throw Fault("its header is malformed");
        int end = _text.IndexOf(quote, _position + 1);
        if (end < 0) throw Fault("its header is malformed");
        string value = _text[(_position + 1)..end];
        _position = end + 1;
        return value;
    }

    private bool ParseBoolean()
    {
        bool value = Peek() == 'T';
        string word = value ? "True" : "False";
        if (string.CompareOrdinal(_text, _position, word, 0, word.Length) != 0) throw Fault("its header is malformed");
        _position += word.Length;
        return value;
    }

    private long[] ParseShape()
    {
        var shape = new List<long>();
        Expect('(');
        while (!TrySkip(')'))
        {
            if (shape.Count == MaxRank) throw Fault($"it has more than {MaxRank} dimensions");
            shape.Add(ParseDimension());
            if (!TrySkip(',') && Peek() != ')') throw Fault("its header is malformed");
        }
        return [.. shape];
    }

    private long ParseDimension()
    {
        Peek();
        int start = _position;
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position])) _position++;
        if (!long.TryParse(_text.AsSpan(start, _position - start), NumberStyles.None, CultureInfo.InvariantCulture, out long value))
            throw Fault("a dimension is not a number");
        // Python 2 wrote long integers as 3L.
        TrySkip('L');
        return value;
    }

    /// <summary>The next character that is no blank, or NUL at the end.</summary>
    private char Peek()
    {
        while (_position < _text.Length && _text[_position] is ' ' or '\n' or '\t' or '\r') _position++;
        return _position < _text.Length ? _text[_position] : '\0';
    }

    private bool TrySkip(char expected)
    {
        bool found = Peek() == expected;
        if (found) _position++;
        return found;
    }

    private void Expect(char expected)
    {
        if (!TrySkip(expected)) throw Fault("its header is malformed");
    }

    private CompilerException Fault(string what) => DiagnosticTable.ArrayInvalid.Error(_where, what);
}
