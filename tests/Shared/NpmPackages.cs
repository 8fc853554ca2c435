using System.Diagnostics;
using System.Security.Cryptography;

namespace ModelCompiler.Tests;

/// <summary>Installs what a lock file under tests/ pins, once, into artifacts/. Share this file by a Compile item with a link.</summary>
internal static class NpmPackages
{
    /// <summary>The folder of an installation, which is made where it is not there. Test projects run side by side: it is published by rename.</summary>
    /// <param name="name">A folder in tests/ with a package.json and its lock file, and one in artifacts/.</param>
    /// <param name="prepare">What to make of the installed packages, in their folder, before anybody sees them.</param>
    public static string Restore(string name, Action<string>? prepare = null)
    {
        string source = Path.Combine(PublicModels.RepositoryRoot, "tests", name);
        byte[] lockFile = File.ReadAllBytes(Path.Combine(source, "package-lock.json"));
        string final = Path.Combine(PublicModels.RepositoryRoot, "artifacts", name, Convert.ToHexStringLower(SHA256.HashData(lockFile))[..12]);
        if (Directory.Exists(final)) return final;
        string working = $"{final}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(working);
        foreach (string file in (string[])["package.json", "package-lock.json"]) File.Copy(Path.Combine(source, file), Path.Combine(working, file), overwrite: true);
        Install(working);
        prepare?.Invoke(working);
        try
        {
            Directory.Move(working, final);
        }
        catch (IOException) when (Directory.Exists(final))
        {
            Directory.Delete(working, recursive: true);
        }
        return final;
    }

    private static void Install(string folder)
    {
        // npm is a script, which only a shell starts on Windows.
        string command = "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error";
        ProcessStartInfo start = OperatingSystem.IsWindows() ? new("cmd", ["/c", command]) : new("sh", ["-c", command]);
        start.WorkingDirectory = folder;
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"The packages of '{folder}' could not be fetched with '{command}': {error}{output.Result}");
    }
}
