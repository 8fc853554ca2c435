namespace ModelCompiler.Tool.Settings;

/// <summary>Finds what someone meant who mistyped a name: what others call so, the one that begins alike, or else the one with the smallest edit
/// distance (Levenshtein 1966, with the exchanges of Damerau 1964), if it is small.</summary>
internal static class NearestName
{
    /// <summary>Letters that two names must share to begin alike.</summary>
    private const int FewestShared = 4;

    /// <summary>What other tools, and people, call it.</summary>
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["fp16"] = "Float16",
        ["half"] = "Float16",
        ["bf16"] = "BFloat16",
        ["fp32"] = "Float32",
        ["single"] = "Float32",
        ["quantized"] = "Int8",
        ["gpu"] = "Cuda",
        ["nvidia"] = "Cuda",
        ["x64"] = "Portable",
        ["x86"] = "Portable",
        ["speed"] = "Latency",
        ["quantization"] = "Precision",
        ["samples"] = "Calibration",
    };

    /// <summary>The nearest name, or null where none is near enough to be meant.</summary>
    public static string? Find(string text, IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.FirstOrDefault(name => OtherNames.GetValueOrDefault(text) == name) ?? all.FirstOrDefault(name => BeginAlike(text, name)) ?? Mistyped(text, all);
    }

    /// <summary>Whether one is the beginning of the other, but for case, blanks and signs.</summary>
    private static bool BeginAlike(string text, string name)
    {
        string a = Plain(text), b = Plain(name);
        return Math.Min(a.Length, b.Length) >= FewestShared && (a.StartsWith(b, StringComparison.Ordinal) || b.StartsWith(a, StringComparison.Ordinal));
    }

    private static string Plain(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static string? Mistyped(string text, string[] names)
    {
        string? nearest = null;
        // Every third letter may be wrong, two in any case, but never all of them.
        int smallest = Math.Min(Math.Max(2, text.Length / 3), text.Length - 1) + 1;
        foreach (string name in names)
        {
            int distance = Distance(text.ToLowerInvariant(), name.ToLowerInvariant());
            if (distance >= smallest) continue;
            smallest = distance;
            nearest = name;
        }
        return nearest;
    }

    /// <summary>The sentence that ends a message, with a blank before it; empty where nothing is near.</summary>
    public static string Hint(string text, IEnumerable<string> names) => Find(text, names) is { } name ? $" Did you mean '{name}'?" : "";

    /// <summary>Insertions, deletions, replacements and exchanges of neighbours that make one text of the other.</summary>
    public static int Distance(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) edits[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) edits[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replaced, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                bool isExchange = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if (isExchange) edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }
        return edits[a.Length, b.Length];
    }
}
