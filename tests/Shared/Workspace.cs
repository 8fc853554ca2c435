namespace ModelCompiler.Tests;

/// <summary>A folder of its own for one test, gone with it; its name is one that breaks careless path handling.</summary>
public sealed class Workspace : IDisposable
{
    private const string Prefix = "modelcompiler tests é (x86) ";

    static Workspace() => Sweep();

    public Workspace()
    {
        Folder = Path.Combine(Path.GetTempPath(), Prefix + Guid.NewGuid().ToString("n"));
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

    /// <summary>Runs that were killed could not clean up.</summary>
    private static void Sweep()
    {
        foreach (string left in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*").Where(folder => Directory.GetLastWriteTimeUtc(folder) < DateTime.UtcNow.AddDays(-1)))
        {
            try
            {
                Directory.Delete(left, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another run of the tests does the same.
            }
        }
    }
}
