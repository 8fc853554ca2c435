namespace ModelCompiler.Tool.Settings;

/// <summary>Finds what someone meant who mistyped a name: the one with the smallest edit distance (Levenshtein 1966, with the
/// exchanges of Damerau 1964), if it is small.</summary>
internal static class NearestName
{
    /// <summary>The nearest name, or null where none is near enough to be meant.</summary>
    public static string? Find(string text, IEnumerable<string> names)
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
