namespace ModelCompiler.Tests;

/// <summary>A folder of its own for one test, gone with it; its name is one that breaks careless path handling.</summary>
public sealed class Workspace : IDisposable
{
    public Workspace()
    {
        Folder = Path.Combine(Path.GetTempPath(), "modelcompiler tests é (x86) " + Guid.NewGuid().ToString("n"));
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public string PathOf(string relative) => Path.Combine(Folder, relative);

    /// <summary>Whether there is a file or folder.</summary>
    public bool Has(string relative) => Path.Exists(PathOf(relative));

    public string Write(string relative, string content)
    {
        string path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public string Write(string relative, ReadOnlySpan<byte> content)
    {
        string path = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Makes a file newer than it is, by more than any file system rounds.</summary>
    public void Touch(string relative) =>
        File.SetLastWriteTimeUtc(PathOf(relative), File.GetLastWriteTimeUtc(PathOf(relative)).AddSeconds(10));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
