namespace ModelCompiler.Onnx;

/// <summary>
/// A file that a model names, known to lie in the folder of the model (or in one that the user has allowed). The only way to open a file by a name
/// out of a model: such names have been used to read files outside (CVE-2022-25882, CVE-2024-27318).
/// </summary>
internal sealed class ContainedPath
{
    private const int MaxLinks = 40;

    private ContainedPath(string fullPath) => FullPath = fullPath;

    /// <summary>The real path, without links.</summary>
    public string FullPath { get; }

    /// <summary>The file of a name inside a folder.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="name">The name in the model: relative, with / or \ between its parts on every system.</param>
    /// <param name="allowedRoot">A further folder into which links may lead, or null.</param>
    /// <exception cref="UnsafePathException">The name could lead out of the folders.</exception>
    public static ContainedPath Resolve(string folder, string name, string? allowedRoot = null)
    {
        string[] parts = CheckedParts(name);
        string root = RealPath(folder);
        string path = RealPath(Path.Combine([root, .. parts]));
        if (!IsInside(path, root) && (allowedRoot is null || !IsInside(path, RealPath(allowedRoot))))
            throw new UnsafePathException($"'{name}' is a link that leads out of the model's folder. Allow the folder that it leads to with ExternalDataRoot");
        return new ContainedPath(path);
    }

    /// <summary>
    /// Opens the file for reading, and looks at what was opened: between check and opening, a part of the path could have been replaced by a link.
    /// Hard links are not refused: who can make one could read the file already, and package managers store their files as such.
    /// </summary>
    /// <exception cref="UnsafePathException">The path led elsewhere.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public Microsoft.Win32.SafeHandles.SafeFileHandle Open()
    {
        var handle = File.OpenHandle(FullPath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            string? opened = OperatingSystem.IsLinux() ? File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", false)?.FullName : RealPath(FullPath);
            if (opened != FullPath) throw new UnsafePathException($"'{FullPath}' was replaced while it was being opened");
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Judged alike on every system: a model that one machine accepts, all do.</summary>
    private static string[] CheckedParts(string name)
    {
        if (name.Length == 0) throw new UnsafePathException("the location is empty");
        // A colon starts a drive (C:x) or a stream (x:y); control characters belong in no name.
        if (name.Contains(':') || name.Any(char.IsControl)) throw new UnsafePathException($"'{Printable(name)}' has characters that a location must not have");
        if (name[0] is '/' or '\\') throw new UnsafePathException($"'{name}' is not relative to the model's folder");
        string[] parts = name.Split('/', '\\').Where(part => part is not ("." or "")).ToArray();
        if (parts.Length == 0) throw new UnsafePathException($"'{name}' is no file");
        foreach (string part in parts)
        {
            if (part == "..") throw new UnsafePathException($"'{name}' leads out of the model's folder");
            // Windows drops these, so that a name would mean another file there.
            if (part[^1] is '.' or ' ') throw new UnsafePathException($"'{name}' has a part that ends in a dot or a space");
            if (IsDevice(part)) throw new UnsafePathException($"'{name}' is a device on Windows");
        }
        return parts;
    }

    private static bool IsDevice(string part)
    {
        string stem = part.Split('.')[0].TrimEnd(' ').ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL" or "CONIN$" or "CONOUT$"
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)) && char.IsAsciiDigit(stem[3]));
    }

    private static string Printable(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));

    private static bool IsInside(string path, string root) =>
        path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path with every link on the way replaced by what it leads to. What does not exist stays as it is written.</summary>
    private static string RealPath(string path)
    {
        path = Path.GetFullPath(path);
        string resolved = Path.GetPathRoot(path)!;
        var pending = new Stack<string>(path[resolved.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse());
        int links = 0;
        while (pending.TryPop(out string? part))
        {
            string next = Path.Combine(resolved, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }
            if (++links > MaxLinks) throw new UnsafePathException($"'{path}' has links that lead in a circle");
            string full = Path.GetFullPath(target, resolved);
            resolved = Path.GetPathRoot(full)!;
            foreach (string step in full[resolved.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse()) pending.Push(step);
        }
        return resolved;
    }
}

/// <summary>A name out of a model that must not be opened.</summary>
internal sealed class UnsafePathException(string message) : Exception(message);
