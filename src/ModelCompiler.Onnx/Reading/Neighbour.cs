namespace ModelCompiler.Onnx;

/// <summary>Finds what was probably meant by the path of a file that is not there.</summary>
internal static class Neighbour
{
    /// <summary>
    /// A sentence, after a space, with the file of the same folder whose name differs in case alone, as when a project comes from Windows to Linux; or
    /// with the only model of that folder; or with the folder that is not there; or nothing.
    /// </summary>
    public static string Hint(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) return $" There is no folder '{folder}' either.";
        string wanted = Path.GetFileName(path);
        string[] names = [.. Files(folder).Select(file => Path.GetFileName(file))];
        if (names.FirstOrDefault(name => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase)) is { } same) return $" There is '{same}', in other letters: names differ by case here.";
        return names is [var only] ? $" There is '{only}' in that folder." : "";
    }

    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*.onnx", new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive });
        }
        catch (UnauthorizedAccessException)
        {
            // A help that cannot be given.
            return [];
        }
    }
}
