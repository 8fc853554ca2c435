using System.Collections.Concurrent;

namespace ModelCompiler.Optimizer.Sessions;

/// <summary>A folder for files that ONNX Runtime writes or reads on our behalf, under the system's temporary folder, gone when it is disposed.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string Prefix = "modelc-";

    /// <summary>No compilation takes longer.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private static readonly Lazy<bool> Swept = new(() => Sweep(System.IO.Path.GetTempPath()));

    private static readonly ConcurrentDictionary<ScratchFolder, bool> Open = new();

    /// <summary>What a compilation leaves that was cancelled or failed is gone with the process at the latest.</summary>
    static ScratchFolder() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (ScratchFolder folder in Open.Keys) folder.Dispose();
    };

    public ScratchFolder()
    {
        _ = Swept.Value;
        Path = Directory.CreateTempSubdirectory(Prefix).FullName;
        Open.TryAdd(this, true);
    }

    public string Path { get; }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Removes it; a file that cannot be removed is the system's to clear, and no reason to fail a compilation that has its answer.</summary>
    public void Dispose()
    {
        Open.TryRemove(this, out _);
        Remove(Path);
    }

    /// <summary>Removes what runs that were killed have left.</summary>
    /// <param name="parent">The folder that such folders are in.</param>
    internal static bool Sweep(string parent)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = true };
        foreach (string folder in Directory.GetDirectories(parent, Prefix + "??????", options).Where(folder => Directory.GetLastWriteTimeUtc(folder) < DateTime.UtcNow - Lifetime))
        {
            Remove(folder);
        }

        return true;
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
