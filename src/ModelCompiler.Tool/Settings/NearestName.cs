namespace ModelCompiler.Tool.Settings;

/// <summary>Finds what someone meant who mistyped a name: the one with the smallest edit distance (Levenshtein 1966), if it is small.</summary>
internal static class NearestName
{
    /// <summary>The nearest name, or null where none is near enough to be meant.</summary>
    public static string? Find(string text, IEnumerable<string> names)
    {
        string? nearest = null;
        // Every third letter may be wrong.
        int smallest = Math.Max(1, text.Length / 3) + 1;
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

    /// <summary>Insertions, deletions and replacements that make one text of the other.</summary>
    public static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
