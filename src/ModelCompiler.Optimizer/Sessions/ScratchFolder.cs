using System.Collections.Concurrent;

namespace ModelCompiler.Optimizer.Sessions;

/// <summary>A folder for files that ONNX Runtime writes or reads on our behalf, under the system's temporary folder, gone when it is disposed.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private static readonly ConcurrentDictionary<ScratchFolder, bool> Open = new();

    /// <summary>What a compilation leaves that was cancelled or failed is gone with the process at the latest.</summary>
    static ScratchFolder() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (ScratchFolder folder in Open.Keys) folder.Dispose();
    };

    public ScratchFolder() => Open.TryAdd(this, true);

    public string Path { get; } = Directory.CreateTempSubdirectory("modelc-").FullName;

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Removes it; a file that cannot be removed is the system's to clear, and no reason to fail a compilation that has its answer.</summary>
    public void Dispose()
    {
        Open.TryRemove(this, out _);
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
