using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace ModelCompiler.Generator.Naming;

/// <summary>C# names from the names in a model: ASCII letters, digits and underscores only, whatever the model says.</summary>
internal static class CSharpName
{
    private const int MaxLength = 60;
    private const char FirstFullwidth = '\uFF01';
    private const char LastFullwidth = '\uFF5E';

    public static bool IsAsciiWord(char c) => IsLetter(c) || IsDigit(c) || c == '_';

    /// <summary>
    /// <c>onnx::Flatten_0</c> as <c>OnnxFlatten0</c>. A name that is empty or starts with a digit gets
    /// <paramref name="role"/> in front: <c>39</c> is <c>Output39</c>.
    /// </summary>
    public static string Pascal(string raw, string role)
    {
        var name = new StringBuilder();
        bool startsWord = true;
        for (int i = 0, length = Math.Min(raw.Length, MaxLength); i < length; i++)
        {
            if (char.IsSurrogatePair(raw, i))
            {
                startsWord = AppendCode(name, char.ConvertToUtf32(raw, i++));
                continue;
            }

            char folded = Fold(raw[i]);
            if (startsWord && IsDigit(folded) && name.Length > 0 && IsDigit(name[name.Length - 1]))
            {
                // Two numbers stay two: 1:0 is not 10.
                name.Append('_');
            }

            startsWord = AppendPascal(name, folded, startsWord);
        }

        if (name.Length == 0 || IsDigit(name[0]))
        {
            name.Insert(0, role);
        }

        return name.ToString();
    }

    /// <summary>The same for a parameter: <c>onnxFlatten0</c>, <c>sr</c> for <c>SR</c>, <c>inValue</c> for <c>in</c>.</summary>
    public static string Camel(string raw, string role)
    {
        string pascal = Pascal(raw, role);
        bool isAcronym = pascal.All(c => c is (>= 'A' and <= 'Z') || IsDigit(c));
        string camel = isAcronym ? LowerAscii(pascal) : LowerAscii(pascal.Substring(0, 1)) + pascal.Substring(1);
        return IsKeyword(camel) ? camel + "Value" : camel;
    }

    /// <summary>Whether the user's text is a name that reads the same to people and to the compiler.</summary>
    public static bool IsUserName(string text) =>
        SyntaxFacts.IsValidIdentifier(text) && text.All(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format);

    /// <summary>A user's name in ASCII: escapes are part of C#'s identifiers, and the compiler sees the letters.</summary>
    public static string EscapeUserName(string name)
    {
        var escaped = new StringBuilder(IsKeyword(name) ? "@" : "");
        foreach (char c in name)
        {
            _ = IsAsciiWord(c) ? escaped.Append(c) : escaped.Append("\\u").Append(Hex(c));
        }

        return escaped.ToString();
    }

    /// <summary>Whether the user's text can name a type: <c>var</c> or <c>record</c> would mean another thing wherever the program says it.</summary>
    public static bool IsTypeName(string text) => IsUserName(text) && SyntaxFacts.GetContextualKeywordKind(text) == SyntaxKind.None;

    /// <summary>A user's name for a type. The compiler warns of one of small letters only, which may be a word of a later language.</summary>
    public static string EscapeTypeName(string name)
    {
        string escaped = EscapeUserName(name);
        return name.All(c => c is >= 'a' and <= 'z') && escaped[0] != '@' ? "@" + escaped : escaped;
    }

    /// <summary>
    /// A namespace from a project's name as the project templates make it: what cannot be in a name is an underscore.
    /// </summary>
    public static string Namespace(string text) => text.Length == 0 ? "" : string.Join(".", text.Split('.').Select(NamespaceSegment));

    private static string NamespaceSegment(string segment)
    {
        string name = string.Concat(segment.Select(c => IsUserName("a" + c) ? c : '_'));
        return EscapeUserName(IsUserName(name) || IsKeyword(name) ? name : "_" + name);
    }

    private static bool AppendPascal(StringBuilder name, char c, bool startsWord)
    {
        if (c > '~')
        {
            return AppendCode(name, c);
        }

        if (!IsLetter(c) && !IsDigit(c))
        {
            return true;
        }

        name.Append(startsWord && c is >= 'a' and <= 'z' ? (char)(c - 'a' + 'A') : c);
        return false;
    }

    /// <summary>Letters of other scripts by their code point, so that different names stay different: a word by itself.</summary>
    private static bool AppendCode(StringBuilder name, int codePoint)
    {
        name.Append('U').Append(Hex(codePoint));
        return true;
    }

    /// <summary>
    /// The part of Unicode's compatibility folding that gives ASCII letters. String.Normalize would do more, and
    /// nothing at all where .NET runs without its culture data: the source would depend on the machine.
    /// </summary>
    private static char Fold(char c) => c is >= FirstFullwidth and <= LastFullwidth ? (char)(c - FirstFullwidth + '!') : c;

    private static bool IsLetter(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    private static bool IsDigit(char c) => c is >= '0' and <= '9';

    private static bool IsKeyword(string name) => SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None;

    private static string LowerAscii(string text) => string.Concat(text.Select(c => c is >= 'A' and <= 'Z' ? (char)(c - 'A' + 'a') : c));

    private static string Hex(int code) => code.ToString("X4", CultureInfo.InvariantCulture);
}
