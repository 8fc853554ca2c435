using System.IO.Compression;

namespace ModelCompiler.Runtime;

/// <summary>
/// The artefacts of a build in one file beside the model: an archive of <see cref="ArtefactFolder"/>s. At the first start of a program each folder
/// whose stamp fits the machine is taken out; on another machine nothing is, and the provider compiles there.
/// </summary>
public static class ArtefactArchive
{
    /// <summary>Ends the archive's name, behind the model's.</summary>
    public const string Suffix = ".compiled";

    /// <summary>Packs what sessions kept of one model; where that is nothing, there is no archive then.</summary>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Write(ArtefactOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Archive);
        File.Delete(options.Archive);
        string[] folders = Directory.Exists(options.Folder) ? Directory.GetDirectories(options.Folder, ArtefactFolder.NameOf(options.ModelHash, "*")) : [];
        string[] files = [.. folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            return;
        }

        using ZipArchive archive = ZipFile.Open(options.Archive, ZipArchiveMode.Create);
        foreach (string file in files)
        {
            // Engines are dense: compressing them takes time at each start and saves nothing.
            archive.CreateEntryFromFile(file, Path.GetRelativePath(options.Folder, file).Replace('\\', '/'), CompressionLevel.NoCompression);
        }
    }

    /// <summary>Takes a folder out where its stamp is as it should be.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="name">The folder's name in it.</param>
    /// <param name="stampName">The name of the file with the stamp, which comes last.</param>
    /// <param name="fits">Whether the text of a stamp is as it should be.</param>
    /// <param name="target">Where the files go.</param>
    /// <returns>Whether it was taken out.</returns>
    /// <exception cref="InvalidDataException">The file is no archive, or leads out of the folder.</exception>
    internal static bool TryExtract(string path, string name, string stampName, Func<string, bool> fits, string target)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        if (archive.GetEntry($"{name}/{stampName}") is not { } stamp || !fits(TextOf(stamp)))
        {
            return false;
        }

        foreach (ZipArchiveEntry entry in archive.Entries.Where(entry => entry != stamp && entry.FullName.StartsWith(name + "/", StringComparison.Ordinal)))
        {
            Extract(entry, entry.FullName[(name.Length + 1)..], target);
        }

        Extract(stamp, stampName, target);
        return true;
    }

    private static string TextOf(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        return reader.ReadToEnd();
    }

    private static void Extract(ZipArchiveEntry entry, string name, string target)
    {
        string file = Path.GetFullPath(Path.Combine(target, name));
        if (!file.StartsWith(Path.GetFullPath(target) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"'{entry.FullName}' leads out of the folder");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        entry.ExtractToFile(file, overwrite: true);
    }
}
