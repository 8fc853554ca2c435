namespace ModelCompiler.Tool.Caching;

/// <summary>Where the cache is: the property <c>ModelCompilerCache</c>, or the user's folder for what can be made again.</summary>
internal static class CacheLocation
{
    private static readonly string[] Off = ["false", "off", "none"];

    /// <summary>The full path of the folder; null where there is to be no cache, or the user has no folder.</summary>
    /// <param name="property">The property's value.</param>
    /// <param name="baseDirectory">Where a relative path starts.</param>
    public static string? Of(string property, string baseDirectory)
    {
        if (property.Length == 0) return UserFolder() is { Length: > 0 } folder ? Path.Combine(folder, "modelcompiler") : null;
        return Off.Contains(property, StringComparer.OrdinalIgnoreCase) ? null : Path.GetFullPath(property.Replace('\\', Path.DirectorySeparatorChar), baseDirectory);
    }

    private static string? UserFolder()
    {
        if (OperatingSystem.IsWindows()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg)) return xdg;
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? null : Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");
    }
}
