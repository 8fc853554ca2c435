using ModelCompiler.Manifests;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Caching;

/// <summary>The list of contents of an entry of the cache, and what the compilation had to say.</summary>
/// <param name="Summary">The line for the log.</param>
/// <param name="Warnings">Warnings for the user: they hold for every project that uses the entry.</param>
/// <param name="Files">The outputs with their hashes.</param>
/// <param name="Plan">The text of the plan that the compilation wrote beside the model; null where it wrote none.</param>
internal sealed record CacheEntry(string Summary, IReadOnlyList<Problem> Warnings, IReadOnlyList<ManifestFile> Files, string? Plan);
