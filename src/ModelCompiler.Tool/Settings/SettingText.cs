using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Settings;

/// <summary>The text that a setting was given, with the ways to read it. Each fails with a diagnostic that says what is allowed.</summary>
/// <param name="Name">The setting's name.</param>
/// <param name="Text">The text, not empty.</param>
/// <param name="BaseDirectory">Where relative paths start.</param>
internal sealed record SettingText(string Name, string Text, string BaseDirectory)
{
    private const string Placeholder = "<number>";

    private readonly List<string> _paths = [];

    /// <summary>The full paths that were read out of the text: their content decides a compilation, and where they lie does not.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>One of an enumeration's members, in any case. Members that are not <paramref name="ready"/> are features to come.</summary>
    public T Choice<T>(params ReadOnlySpan<T> ready)
        where T : struct, Enum
    {
        string name = Choice(Enum.GetNames<T>());
        var value = Enum.Parse<T>(name);
        return ready.Contains(value) ? value : throw Missing(name);
    }

    /// <summary>One of a list of words, in any case, as the list spells it.</summary>
    public string Choice(params IReadOnlyList<string> allowed) => Find(Text, allowed) ?? throw Unknown(Text, allowed);

    /// <summary>Members of an enumeration separated by semicolons, in any case; at least one.</summary>
    public IReadOnlyList<T> EnumList<T>()
        where T : struct, Enum
    {
        string[] allowed = Enum.GetNames<T>();
        T[] result = [.. Words().Select(word => Enum.Parse<T>(Find(word, allowed) ?? throw Unknown(word, allowed)))];
        return result.Length > 0 ? result : throw Unknown(Text, allowed);
    }

    /// <summary>Words separated by semicolons.</summary>
    public IReadOnlyList<string> Words() => Text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Pairs joined by '=' and separated by semicolons. Names of tensors may hold '=', what they are paired with cannot.</summary>
    /// <param name="form">What the text should look like.</param>
    public IReadOnlyDictionary<string, string> Pairs(string form)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in Words())
        {
            int at = word.LastIndexOf('=');
            string name = at < 0 ? "" : word[..at].TrimEnd(), value = word[(at + 1)..].TrimStart();
            if (name.Length == 0 || value.Length == 0 || !pairs.TryAdd(name, value)) throw DiagnosticTable.SettingMalformed.Error(Name, Text, $"{form}, each name once");
        }
        return pairs;
    }

    /// <summary>A number in the invariant culture.</summary>
    public double Number(double minimum, double maximum)
    {
        bool isNumber = double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
        return isNumber && value >= minimum && value <= maximum
            ? value
            : throw DiagnosticTable.SettingNotNumber.Error(Name, Text, double.IsPositiveInfinity(maximum)
                ? FormattableString.Invariant($"a number of at least {minimum}, written with a decimal point")
                : FormattableString.Invariant($"a number from {minimum} to {maximum}, written with a decimal point"));
    }

    /// <summary>A whole number, at most a million.</summary>
    /// <param name="minimum">The smallest.</param>
    /// <param name="other">What else is allowed, for the message.</param>
    public int Count(int minimum, string? other = null) =>
        int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= minimum && value <= 1_000_000
            ? value
            : throw DiagnosticTable.SettingNotNumber.Error(Name, Text, $"{(other is null ? "" : $"{other} or ")}a whole number from {minimum} to 1000000");

    /// <summary>A time in seconds, minutes or hours: <c>90s</c>, <c>10m</c>, <c>1h</c>.</summary>
    public TimeSpan Duration()
    {
        double seconds = char.ToLowerInvariant(Text[^1]) switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        bool isTime = double.TryParse(Text.AsSpan(0, Text.Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double count);
        return isTime && seconds > 0 && count > 0 && count * seconds <= TimeSpan.FromDays(7).TotalSeconds
            ? TimeSpan.FromSeconds(count * seconds)
            : throw DiagnosticTable.SettingMalformed.Error(Name, Text, "a time such as 90s, 10m or 1h");
    }

    /// <summary>A path, made full.</summary>
    public string FullPath()
    {
        try
        {
            string path = Path.GetFullPath(Path.Combine(BaseDirectory, Text.Replace('\\', Path.DirectorySeparatorChar)));
            _paths.Add(path);
            return path;
        }
        catch (ArgumentException)
        {
            throw DiagnosticTable.SettingMalformed.Error(Name, Text, "a path");
        }
    }

    /// <summary>The full path of a file that is there.</summary>
    public string FilePath()
    {
        string path = FullPath();
        return File.Exists(path) ? path : throw DiagnosticTable.SettingFileMissing.Error(Name, path);
    }

    /// <summary>A SHA-256 in hexadecimal.</summary>
    public string Hash() => Text.Length == 64 && Text.All(char.IsAsciiHexDigit)
        ? Text.ToLowerInvariant()
        : throw DiagnosticTable.SettingMalformed.Error(Name, Text, "a SHA-256: 64 hexadecimal digits");

    /// <summary>A name of C#, or several joined by dots.</summary>
    public string CSharpName(bool isDotted)
    {
        string[] parts = isDotted ? Text.Split('.') : [Text];
        return parts.All(IsCSharpName) ? Text : throw DiagnosticTable.TypeNameInvalid.Error(Name, Text);
    }

    /// <summary>Whether a text is a name of C# in ASCII.</summary>
    public static bool IsCSharpName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>A feature to come: only the value that stands for not using it is accepted.</summary>
    /// <param name="allowed">What will be allowed, the default first; <c>&lt;number&gt;</c> at the end of a word stands for one. Empty for free text.</param>
    public void Planned(params IReadOnlyList<string> allowed)
    {
        if (allowed.Count == 0) throw Missing(Text);
        string? choice = Find(Text, allowed) ?? allowed.FirstOrDefault(IsWithNumber);
        if (choice is null) throw Unknown(Text, allowed);
        if (choice != allowed[0]) throw Missing(Text);
    }

    private bool IsWithNumber(string word)
    {
        if (!word.EndsWith(Placeholder, StringComparison.Ordinal)) return false;
        string prefix = word[..^Placeholder.Length];
        return Text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && double.TryParse(Text.AsSpan(prefix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private static string? Find(string text, IReadOnlyList<string> allowed) => allowed.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase));

    private CompilerException Missing(string value) => DiagnosticTable.FeatureMissing.Error($"{Name}=\"{value}\"");

    private CompilerException Unknown(string text, IReadOnlyList<string> allowed) =>
        DiagnosticTable.SettingValueUnknown.Error(Name, text, string.Join(", ", allowed), NearestName.Hint(text, allowed));
}
