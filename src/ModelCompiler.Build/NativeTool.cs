using System.ComponentModel;
using System.Diagnostics;

namespace ModelCompiler.Build;

/// <summary>
/// <c>modelc</c> as a program of one platform, which the package carries beside the assemblies that run everywhere. Whether it runs on this machine is tried,
/// not guessed: another C library, a processor that lacks instructions, a folder that nothing may be started from, all end alike, in a moment and
/// without the version.
/// </summary>
internal static class NativeTool
{
    /// <summary>It takes a hundredth of a second.</summary>
    private const int Patience = 10_000;

    /// <summary>Why the assemblies are to be run in its place; null where it runs and is of the same version as they are.</summary>
    /// <param name="program">Full path of the program.</param>
    /// <param name="assembly">Full path of <c>modelc.dll</c>.</param>
    public static string? Refusal(string program, string assembly)
    {
        string? version = FileVersionInfo.GetVersionInfo(assembly).ProductVersion;
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "--version")
            {
                // What the build was started in may be gone, and a processor that lacks instructions may leave a dump.
                WorkingDirectory = Path.GetTempPath(),
                UseShellExecute = false,
                CreateNoWindow = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill();
                return "it does not answer";
            }

            // What has ended may have left another process with its streams.
            if (!Task.WaitAll([output, error], Patience)) return "it does not answer";
            return process.ExitCode == 0 && output.Result.Trim() == version ? null : $"asked for its version, which is {version}, it ended with {process.ExitCode}: {(output.Result + error.Result).Trim()}";
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException or AggregateException)
        {
            return e.Message;
        }
    }
}
