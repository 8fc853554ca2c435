namespace ModelCompiler.Tool.Caching;

/// <summary>Keeps the cache within its limit: the entries that were not used for longest go first.</summary>
internal static class CacheTrimming
{
    /// <summary>Begins the names of folders that are being written or removed; no entry has such a name.</summary>
    public const string WorkingPrefix = "working-";

    /// <summary>Longer than any copy takes: such a folder was left by a process that was killed.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    public static void Run(string entries, long limit, string indexName)
    {
        var found = new List<(DirectoryInfo Folder, DateTime Used, long Bytes)>();
        foreach (DirectoryInfo folder in new DirectoryInfo(entries).EnumerateDirectories())
        {
            if (!folder.Name.StartsWith(WorkingPrefix, StringComparison.Ordinal))
                found.Add((folder, File.GetLastWriteTimeUtc(Path.Combine(folder.FullName, indexName)), folder.EnumerateFiles().Sum(file => file.Length)));
            else if (DateTime.UtcNow - folder.LastWriteTimeUtc > Abandoned) Remove(folder.FullName);
        }
        long total = found.Sum(entry => entry.Bytes);
        foreach (var entry in found.OrderBy(entry => entry.Used))
        {
            if (total <= limit) return;
            Remove(entry.Folder.FullName);
            total -= entry.Bytes;
        }
    }

    /// <summary>Takes a folder away under another name first: half an entry is never seen. A folder in use stays until the next time.</summary>
    public static void Remove(string folder)
    {
        try
        {
            if (!Directory.Exists(folder)) return;
            string doomed = Path.Combine(Path.GetDirectoryName(folder)!, WorkingPrefix + Guid.NewGuid().ToString("n"));
            Directory.Move(folder, doomed);
            Directory.Delete(doomed, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process uses or removes it; nothing depends on its going now.
        }
    }
}
