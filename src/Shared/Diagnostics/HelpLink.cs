namespace ModelCompiler.Diagnostics;

/// <summary>
/// Where a diagnostic is explained: a section of <c>docs/diagnostics.md</c>, which travels in the package, so that it fits the version and needs no network.
/// </summary>
internal static class HelpLink
{
    /// <summary>The link to a diagnostic's section.</summary>
    /// <param name="page">Full path of the page.</param>
    /// <param name="id">Of the diagnostic.</param>
    /// <returns>A URI; null where there is no page.</returns>
    public static string? To(string page, string id) =>
        Uri.TryCreate(page, UriKind.Absolute, out var uri) ? uri.AbsoluteUri + "#" + id.ToLowerInvariant() : null;
}
