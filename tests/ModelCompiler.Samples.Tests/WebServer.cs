using System.Diagnostics;
using ModelCompiler.Tests;

namespace ModelCompiler.Samples.Tests;

/// <summary>A sample that serves a page, on a port that the system chooses.</summary>
internal sealed class WebServer : IDisposable
{
    private const string Announcement = "Now listening on: ";

    private readonly Process _process;

    private WebServer(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <param name="folder">The sample's own folder, from where <c>dotnet run</c> starts it too.</param>
    /// <param name="program">Its assembly.</param>
    /// <param name="arguments">More arguments.</param>
    public static WebServer Start(string folder, string program, params string[] arguments)
    {
        var process = DotNet.Start(folder, new Dictionary<string, string>(), DotNet.Host, [program, "--urls", "http://127.0.0.1:0", .. arguments]);
        var errors = process.StandardError.ReadToEndAsync();
        var said = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            said.Add(line);
            int at = line.IndexOf(Announcement, StringComparison.Ordinal);
            if (at >= 0)
            {
                // Nobody reads on; a full pipe would stop it.
                _ = process.StandardOutput.ReadToEndAsync();
                return new WebServer(process, new Uri(line[(at + Announcement.Length)..].Trim()));
            }
        }

        throw new InvalidOperationException($"{program} ended before it listened:\n{string.Join('\n', said)}\n{errors.GetAwaiter().GetResult()}");
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
