namespace ModelCompiler.Onnx;

/// <summary>A file that appears under its name complete or not at all: written beside it under another, then renamed.</summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private bool _isPublished;

    public AtomicFile(string path)
    {
        _path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _temporary = $"{_path}.{Guid.NewGuid():N}.tmp";
        Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
    }

    /// <summary>Where the content goes.</summary>
    public FileStream Stream { get; }

    /// <summary>Gives the file its name, after its bytes are on the disk: a crash leaves the old file or the new one.</summary>
    public void Publish()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _isPublished = true;
    }

    public void Dispose()
    {
        if (_isPublished) return;
        Stream.Dispose();
        File.Delete(_temporary);
    }
}
