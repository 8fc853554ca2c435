using System.Reflection;

namespace ModelCompiler.Build.Tests;

/// <summary>A directory of its own for one test, gone with it; the name is one that breaks careless path handling.</summary>
public sealed class Workspace : IDisposable
{
    public Workspace()
    {
        Directory = Path.Combine(Path.GetTempPath(), "modelcompiler tests é (x86) " + Guid.NewGuid().ToString("n"));
        System.IO.Directory.CreateDirectory(Directory);
    }

    public string Directory { get; }

    /// <summary>A fact of the build that made this assembly.</summary>
    public static string Metadata(string key) =>
        typeof(Workspace).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    public string PathOf(string relative) => Path.Combine(Directory, relative);

    public string Write(string relative, string content)
    {
        string path = PathOf(relative);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Makes a file newer than it is, and than any clock granularity.</summary>
    public void Touch(string relative) =>
        File.SetLastWriteTimeUtc(PathOf(relative), File.GetLastWriteTimeUtc(PathOf(relative)).AddSeconds(10));

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
