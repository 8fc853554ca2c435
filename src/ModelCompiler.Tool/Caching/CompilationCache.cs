using System.Text.Json;
using ModelCompiler.Manifests;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Terminal;

namespace ModelCompiler.Tool.Caching;

/// <summary>
/// Compiled models of all projects of a user, by content. An entry is a folder that appears under its name complete, by rename, and is never changed. Every hit
/// hashes what it copies: what is damaged counts as missing and is removed. The cache only saves time, so that whatever is wrong with it fails no build.
/// </summary>
internal sealed class CompilationCache(string root, long limit, IProgress<string> progress)
{
    private const string IndexName = "entry.json";

    private string Entries => Path.Combine(root, "entries");

    /// <summary>Makes others wait that want to compile the same; null where the cache cannot be written.</summary>
    public FileLock? Lock(string key, CancellationToken cancellationToken)
    {
        try
        {
            string path = Path.Combine(root, "locks", key);
            return FileLock.Acquire(path, () => progress.Report("waiting for another build that compiles the same model"), cancellationToken);
        }
        catch (Onnx.CompilerException e)
        {
            progress.Report($"the cache is not used: {e.Message}");
            return null;
        }
    }

    /// <summary>Copies an entry's files into <paramref name="folder"/>; null where there is none that is intact.</summary>
    public CacheEntry? Take(string key, WorkingFolder folder)
    {
        string path = Path.Combine(Entries, key);
        string index = Path.Combine(path, IndexName);
        if (!File.Exists(index)) return null;
        try
        {
            CacheEntry entry = JsonText.Read<CacheEntry>(File.ReadAllText(index)) ?? throw new InvalidDataException("its list is empty");
            foreach (ManifestFile file in entry.Files)
            {
                if (HashedCopy.Run(Path.Combine(path, Path.GetFileName(file.Name)), folder.PathOf(file.Name)) != file.Sha256)
                    throw new InvalidDataException($"{file.Name} has another hash");
            }
            // Entries go in the order in which they were last used.
            File.SetLastWriteTimeUtc(index, DateTime.UtcNow);
            return entry;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or JsonException)
        {
            progress.Report($"an entry of the cache is damaged and is made anew: {e.Message}");
            CacheTrimming.Remove(path);
            return null;
        }
    }

    /// <summary>Keeps published outputs for others.</summary>
    /// <param name="key">What they are known by.</param>
    /// <param name="folder">Where they are.</param>
    /// <param name="names">Their names.</param>
    /// <param name="result">What the user is told each time.</param>
    /// <param name="plan">The plan that was written; null for none.</param>
    public void Store(string key, string folder, IReadOnlyList<string> names, ItemResult result, string? plan)
    {
        string working = Path.Combine(Entries, CacheTrimming.WorkingPrefix + Guid.NewGuid().ToString("n"));
        try
        {
            Directory.CreateDirectory(working);
            ManifestFile[] files = [.. names.Select(name => Copy(folder, working, name))];
            File.WriteAllText(Path.Combine(working, IndexName), JsonText.Of(new CacheEntry(result.Summary, result.Warnings, files, plan)));
            if (!Directory.Exists(Path.Combine(Entries, key))) Directory.Move(working, Path.Combine(Entries, key));
            CacheTrimming.Run(Entries, limit, IndexName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            progress.Report($"not kept in the cache: {e.Message}");
        }
        finally
        {
            CacheTrimming.Remove(working);
        }
    }

    private static ManifestFile Copy(string from, string to, string name)
    {
        string copy = Path.Combine(to, name);
        string hash = HashedCopy.Run(Path.Combine(from, name), copy);
        return new ManifestFile(name, new FileInfo(copy).Length, hash);
    }
}
