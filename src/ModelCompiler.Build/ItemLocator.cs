using System.Xml;

namespace ModelCompiler.Build;

/// <summary>
/// Finds where an item is written in a project file, which MSBuild does not tell its tasks, so that diagnostics
/// lead to the line.
/// </summary>
internal static class ItemLocator
{
    private const string ItemName = "OptimizedModel";

    /// <summary>
    /// Line and column of the element whose Include names the item, by itself or behind a property, and whose Name does where several are
    /// of one file; or of the only element there is, which a wildcard hides; or (0, 0).
    /// </summary>
    public static (int Line, int Column) Find(string projectFile, string include, string name)
    {
        try
        {
            var elements = ReadElements(projectFile);
            var exact = elements.Where(element => Names(element.Include, include)).OrderByDescending(element => element.Name == name).ToList();
            var behind = exact.Count > 0 ? exact : elements.FindAll(element => EndsAs(element.Include, include));
            return behind.Count > 0 ? behind[0].Place : elements.Count == 1 ? elements[0].Place : default;
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // MSBuild could evaluate the project: the place is a help, and its lack no problem of the user's.
            return default;
        }
    }

    private static List<(string Include, string? Name, (int Line, int Column) Place)> ReadElements(string projectFile)
    {
        var elements = new List<(string, string?, (int, int))>();
        using var xml = XmlReader.Create(projectFile, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == ItemName && xml.GetAttribute("Include") is { } include)
            {
                var place = (IXmlLineInfo)xml;
                // The reader counts from the name; an editor's cursor belongs on the bracket before it.
                elements.Add((include, xml.GetAttribute("Name"), (place.LineNumber, place.LinePosition - 1)));
            }
        }

        return elements;
    }

    private static bool Names(string includes, string include) =>
        includes.Split(';').Any(part => string.Equals(Normalize(part), Normalize(include), StringComparison.OrdinalIgnoreCase));

    /// <summary>What stands behind the last property, as in <c>$(Root)models/a.onnx</c>, must be the end of the path.</summary>
    private static bool EndsAs(string includes, string include) => includes.Split(';').Select(part => (Text: part.Trim(), Start: part.Trim().LastIndexOf(')') + 1)).Any(
        part => part.Start > 0 && part.Start < part.Text.Length && Normalize(include).EndsWith(Normalize(part.Text.Substring(part.Start)), StringComparison.OrdinalIgnoreCase));

    private static string Normalize(string path)
    {
        string normal = path.Trim().Replace('\\', '/');
        return normal.StartsWith("./", StringComparison.Ordinal) ? normal.Substring(2) : normal;
    }
}
