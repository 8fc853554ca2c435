using System.Text;

namespace ModelCompiler.Generator.Naming;

/// <summary>
/// The only way in which text of a model gets into source: a string literal in which everything but ASCII letters, digits and what
/// names and paths are divided by is a \u escape. No quote, line break or direction mark can end it or disguise it.
/// </summary>
internal static class SafeLiteral
{
    private const string Dividers = "./:- ";
    private const string HexDigits = "0123456789ABCDEF";

    public static string Of(string text)
    {
        var literal = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            if (CSharpName.IsAsciiWord(c) || Dividers.IndexOf(c) >= 0)
            {
                literal.Append(c);
            }
            else
            {
                literal.Append("\\u").Append(HexDigits[c >> 12]).Append(HexDigits[(c >> 8) & 15]).Append(HexDigits[(c >> 4) & 15]).Append(HexDigits[c & 15]);
            }
        }

        return literal.Append('"').ToString();
    }
}
