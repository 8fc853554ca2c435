using System.Diagnostics.CodeAnalysis;

namespace ModelCompiler.Manifests;

/// <summary>The names that enumerations have in a manifest: their members in lower case, never numbers.</summary>
internal static class ManifestNames
{
    [SuppressMessage("Globalization", "CA1308", Justification = "Names of the format, not text for comparison.")]
    public static string Of<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    public static bool TryParse<T>(string name, out T value)
        where T : struct, Enum => Enum.TryParse(name, ignoreCase: true, out value) && Of(value) == name;
}
