using System.Globalization;
using System.Runtime.InteropServices;

namespace ModelCompiler.Tool.Terminal;

/// <summary>The details of a bug of ours, for a report; the user's terminal sees a single line.</summary>
internal static class CrashFile
{
    /// <summary>Writes the file and gives its path; where even that fails, the reason.</summary>
    public static string Write(Exception exception, string what)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"modelc-crash-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.txt");
        string path = Path.Combine(Path.GetTempPath(), name);
        try
        {
            File.WriteAllText(path, $"""
                modelc {ToolVersion.Text}
                {RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})
                {what}

                {exception}

                """);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path}, which could not be written: {e.Message}";
        }
    }
}
