using System.Security.Cryptography;
using System.Text;

namespace ModelCompiler.Runtime;

/// <summary>
/// The artefacts of one model on one provider: a folder with a stamp, which is written last. Only who holds the lock touches it, so that of several
/// processes that start at once one compiles, and the others take what it made.
/// </summary>
internal sealed class ArtefactFolder : IDisposable
{
    private const string StampName = "stamp.txt";
    private const string ModelName = "model_ctx.onnx";
    private const string LockSuffix = ".lock";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly string _stampPath;
    private readonly ArtefactStamp _stamp;
    private readonly FileStream _lock;

    private ArtefactFolder(string path, ArtefactStamp stamp, FileStream @lock)
    {
        Path = path;
        _stampPath = System.IO.Path.Combine(path, StampName);
        _stamp = stamp;
        _lock = @lock;
    }

    /// <summary>The folder; it exists.</summary>
    public string Path { get; }

    /// <summary>The model that ONNX Runtime writes for providers that hand their work to it.</summary>
    public string ModelPath => System.IO.Path.Combine(Path, ModelName);

    /// <summary>Whether what is there can be used as it is.</summary>
    public bool Fits { get; private set; }

    /// <summary>Why what was there cannot be used; null where there was nothing.</summary>
    public string? Misfit { get; private set; }

    /// <summary>The name of the folder of a model on a provider.</summary>
    public static string NameOf(string modelHash, string provider) => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(modelHash)))[..16]}-{provider}";

    /// <summary>Waits for the lock, and looks what is there. What does not fit is removed.</summary>
    /// <param name="root">The folder of all.</param>
    /// <param name="name">The name of this one.</param>
    /// <param name="stamp">What it must have been made for.</param>
    /// <param name="waiting">Called once where another process holds the lock.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static ArtefactFolder Open(string root, string name, ArtefactStamp stamp, Action waiting)
    {
        string path = System.IO.Path.Combine(root, name);
        Directory.CreateDirectory(path);
        var folder = new ArtefactFolder(path, stamp, Lock(path + LockSuffix, waiting));
        try
        {
            folder.Look();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Removes the folders of models that were last used before a time, unless somebody uses one just now.</summary>
    /// <exception cref="IOException">A folder cannot be removed.</exception>
    public static void RemoveUnused(string root, DateTime before)
    {
        foreach (string path in Directory.GetDirectories(root))
        {
            string stamp = System.IO.Path.Combine(path, StampName), lockPath = path + LockSuffix;
            if (!File.Exists(stamp) || File.GetLastWriteTimeUtc(stamp) >= before || TryLock(lockPath) is not { } taken)
            {
                continue;
            }

            using (taken)
            {
                File.Delete(stamp);
                Directory.Delete(path, recursive: true);
            }
        }
    }

    /// <summary>Takes over what a build made, if it was made for just this.</summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public bool TryTake(string archive) => Fits = ArtefactArchive.TryExtract(
        archive, System.IO.Path.GetFileName(Path), StampName, text => _stamp.DifferenceFrom(ArtefactStamp.Parse(text)) is null, Path);

    /// <summary>Removes all that is there.</summary>
    public void Clear()
    {
        // The stamp first: what is half removed must not look complete.
        File.Delete(_stampPath);
        Directory.Delete(Path, recursive: true);
        Directory.CreateDirectory(Path);
        Fits = false;
    }

    /// <summary>What was made is complete.</summary>
    public void Commit()
    {
        File.WriteAllText(_stampPath, _stamp.Write());
        Fits = true;
    }

    /// <summary>Lets others in.</summary>
    public void Dispose() => _lock.Dispose();

    private void Look()
    {
        if (File.Exists(_stampPath))
        {
            Misfit = _stamp.DifferenceFrom(ArtefactStamp.Parse(File.ReadAllText(_stampPath)));
            Fits = Misfit is null;
            // The time tells when it was last used.
            File.SetLastWriteTimeUtc(_stampPath, DateTime.UtcNow);
        }

        if (!Fits && Directory.EnumerateFileSystemEntries(Path).Any())
        {
            Misfit ??= "it was left incomplete";
            Clear();
        }
    }

    private static FileStream Lock(string path, Action waiting)
    {
        for (bool told = false; ; told = true)
        {
            if (TryLock(path) is { } taken)
            {
                return taken;
            }

            if (!told)
            {
                waiting();
            }

            Thread.Sleep(Poll);
        }
    }

    /// <summary>Null where somebody else holds it.</summary>
    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
