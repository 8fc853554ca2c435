using System.IO.Compression;

namespace ModelCompiler.Packages;

/// <summary>Writes packages with another build of ONNX Runtime. A package is a zip with a nuspec.</summary>
internal static class FlavourPackage
{
    /// <summary>Writes a package into a feed, once.</summary>
    /// <param name="feed">The folder.</param>
    /// <param name="id">Its id.</param>
    /// <param name="version">Its version.</param>
    /// <param name="files">What it holds, by the path in it.</param>
    public static void Write(string feed, string id, string version, params (string Path, Action<Stream> Content)[] files)
    {
        string file = Path.Combine(feed, $"{id}.{version}.nupkg");
        if (File.Exists(file)) return;
        using var archive = ZipFile.Open(file, ZipArchiveMode.Create);
        foreach (var (path, content) in files) Add(archive, path, content);
        Add(archive, id + ".nuspec", Text($"""
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
              <metadata>
                <id>{id}</id>
                <version>{version}</version>
                <authors>tests</authors>
                <description>Another build of the library.</description>
              </metadata>
            </package>
            """));
    }

    /// <summary>A file of text.</summary>
    public static Action<Stream> Text(string text) => stream =>
    {
        using var writer = new StreamWriter(stream);
        writer.Write(text);
    };

    /// <summary>A copy of a file.</summary>
    public static Action<Stream> Copy(string file) => stream =>
    {
        using var source = File.OpenRead(file);
        source.CopyTo(stream);
    };

    private static void Add(ZipArchive archive, string name, Action<Stream> content)
    {
        using var stream = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
        content(stream);
    }
}
