using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Compilation;

/// <summary>
/// A private folder inside the output folder where files are written before they are published by rename: a reader never sees half a file,
/// and a run that is killed leaves nothing under a final name. A lock tells the folder of a run that is alive from one of a run that is not;
/// the latter is removed by the next run.
/// </summary>
internal sealed class WorkingFolder : IDisposable
{
    private const string Prefix = ".modelc-";
    private const string LockName = ".lock";

    private readonly string _target;
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly bool _hasMadeTarget;

    private WorkingFolder(string target, bool hasMadeTarget, string path, FileStream @lock)
    {
        _target = target;
        _hasMadeTarget = hasMadeTarget;
        _path = path;
        _lock = @lock;
    }

    /// <summary>Makes a folder in <paramref name="target"/>, which is made where it is missing.</summary>
    /// <exception cref="CompilerException">It cannot be made.</exception>
    public static WorkingFolder Create(string target) => Guard(target, () =>
    {
        bool isNew = !Directory.Exists(target);
        string path = Path.Combine(target, Prefix + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(path);
        var folder = new WorkingFolder(target, isNew, path, Lock(path));
        RemoveAbandoned(target);
        return folder;
    });

    /// <summary>The path of a file in the private folder.</summary>
    public string PathOf(string name) => Path.Combine(_path, name);

    /// <summary>Paths of the files in the private folder whose names begin so, in ordinal order.</summary>
    public IReadOnlyList<string> Files(string prefix) => Files(_path, prefix);

    /// <summary>Writes a text file.</summary>
    /// <exception cref="CompilerException">It cannot be written.</exception>
    public void Write(string name, string text) => Guard(_target, () =>
    {
        File.WriteAllText(PathOf(name), text);
        return 0;
    });

    /// <summary>Moves files to their final place, one after the other.</summary>
    /// <exception cref="CompilerException">One cannot be moved.</exception>
    public void Publish(params IReadOnlyList<string> names) => Guard(_target, () =>
    {
        foreach (string name in names) File.Move(PathOf(name), Path.Combine(_target, name), overwrite: true);
        return 0;
    });

    /// <summary>Removes files of earlier runs from the final place.</summary>
    /// <exception cref="CompilerException">One cannot be removed.</exception>
    public void RemovePublished(string prefix, IReadOnlyCollection<string> except) => Guard(_target, () =>
    {
        foreach (string path in Files(_target, prefix))
            if (!except.Contains(Path.GetFileName(path))) File.Delete(path);
        return 0;
    });

    /// <summary>Removes the folder and what is left in it, and the one around it where that was made for a run that published nothing.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        TryDelete(_path, recursive: true);
        if (_hasMadeTarget) TryDelete(_target, recursive: false);
    }

    // Not by a pattern: "a.*" finds "a" too.
    private static string[] Files(string folder, string prefix) =>
        [.. Directory.EnumerateFiles(folder).Where(path => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static FileStream Lock(string folder) => new(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>Removes what runs that were killed have left in <paramref name="target"/>.</summary>
    /// <exception cref="CompilerException">It cannot be read.</exception>
    public static void RemoveAbandoned(string target)
    {
        foreach (string folder in Guard(target, () => Directory.GetDirectories(target, Prefix + "*")))
        {
            try
            {
                Lock(folder).Dispose();
            }
            catch (IOException)
            {
                continue;
            }
            TryDelete(folder, recursive: true);
        }
    }

    private static void TryDelete(string folder, bool recursive)
    {
        try
        {
            Directory.Delete(folder, recursive);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run tries again; what is there is under no final name. A folder that is not empty stays.
        }
    }

    private static T Guard<T>(string target, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticTable.FileUnwritable.ErrorIn(target, e.Message);
        }
    }
}
