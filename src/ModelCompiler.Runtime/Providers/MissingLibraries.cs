using System.Globalization;

namespace ModelCompiler.Runtime;

/// <summary>Says which products are missing, from the files that are: <c>CUDA 13 (libcublas.so.13, libcudart.so.13) and the NVIDIA driver (libcuda.so.1)</c>.</summary>
internal static class MissingLibraries
{
    /// <param name="files">The names of the files.</param>
    /// <param name="owners">What they belong to, by how their names begin; of several that fit the longest.</param>
    public static string Describe(IReadOnlyList<string> files, IReadOnlyDictionary<string, string> owners)
    {
        string[] products =
        [
            .. files.Select(file => (File: file, Product: ProductOf(file, owners))).Where(pair => pair.Product is not null)
                .GroupBy(pair => pair.Product!, StringComparer.Ordinal).Select(group => $"{group.Key} ({string.Join(", ", group.Select(pair => pair.File))})"),
        ];
        return Listed([.. products, .. files.Where(file => ProductOf(file, owners) is null)]);
    }

    /// <summary>With the major version, where the file's name has one; a driver's is that of its interface.</summary>
    private static string? ProductOf(string file, IReadOnlyDictionary<string, string> owners)
    {
        string? start = owners.Keys.Where(start => file.StartsWith(start, StringComparison.Ordinal)).MaxBy(start => start.Length);
        if (start is null)
        {
            return null;
        }

        bool isNumbered = int.TryParse(file.Split(".so.")[^1].Split('.')[0], CultureInfo.InvariantCulture, out int major) && major > 1;
        string version = isNumbered ? string.Create(CultureInfo.InvariantCulture, $" {major}") : "";
        return owners[start] + version;
    }

    private static string Listed(IReadOnlyList<string> names) =>
        names.Count == 1 ? names[0] : string.Join(", ", names.Take(names.Count - 1)) + " and " + names[^1];
}
