using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace ModelCompiler.Tests;

/// <summary>Starts the <c>dotnet</c> that built the tests. Share this file by a Compile item with a link.</summary>
internal static class DotNet
{
    /// <summary>What keeps MSBuild short and ends its processes with it.</summary>
    public static readonly string[] Quiet = ["-nologo", "-v:m", "-tl:off", "-m:1", "-nodeReuse:false"];

    /// <summary>The program, from the assembly's metadata of that name.</summary>
    public static string Host => BuildFact("DotNetHost");

    /// <summary>A fact that the project file of the tests handed on.</summary>
    public static string BuildFact(string key) =>
        typeof(DotNet).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;

    /// <summary>Runs a command that MSBuild serves, in a process that ends with it; it must succeed.</summary>
    public static string Build(string folder, params string[] arguments)
    {
        var (exitCode, output) = TryBuild(folder, arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} gave {exitCode}:\n{output}");
    }

    /// <summary>The same, whatever comes of it.</summary>
    public static (int ExitCode, string Output) TryBuild(string folder, params string[] arguments) => TryBuild(folder, CompilerServer.Environment, arguments);

    /// <summary>The same in another environment.</summary>
    public static (int ExitCode, string Output) TryBuild(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Run(folder, environment, Host, [.. arguments, .. Quiet]);

    /// <summary>Runs <c>dotnet</c>; the output is that of both streams.</summary>
    public static (int ExitCode, string Output) Run(string folder, params string[] arguments) =>
        Run(folder, new Dictionary<string, string>(), Host, arguments);

    /// <summary>Runs a program with more variables in its environment.</summary>
    public static (int ExitCode, string Output) Run(string folder, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        using var process = Start(folder, environment, program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = new StringBuilder(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        return (process.ExitCode, output.Append(errors.GetAwaiter().GetResult()).ToString());
    }

    /// <summary>Starts a program whose streams are the caller's to read.</summary>
    public static Process Start(string folder, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What MSBuild told the tests about their own build would mislead the build they start.
        foreach (string inherited in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        // Processes this short gain nothing from compiling again what runs often: a build takes three quarters of the time without.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_CallCounting"] = "0";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        // Nobody answers here: a program that asks gets the end of its input instead of waiting for a terminal.
        process.StandardInput.Close();
        return process;
    }
}
