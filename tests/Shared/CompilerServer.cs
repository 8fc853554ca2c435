using System.Diagnostics;

namespace ModelCompiler.Tests;

/// <summary>
/// A server of the C# compiler for the builds that one test process starts, gone with it: compiling ten lines takes it 0.3 s of processor time, and a
/// compiler that has to be started first 8 s. The environment of the tests may well say that builds leave no server behind.
/// </summary>
internal static class CompilerServer
{
    private static readonly string Pipe = "modelcompiler-tests-" + Guid.NewGuid().ToString("n");

    /// <summary>What a build needs in its environment to compile there.</summary>
    public static readonly IReadOnlyDictionary<string, string> Environment = new Dictionary<string, string>
    {
        ["UseSharedCompilation"] = "true",
        ["SharedCompilationId"] = Pipe,
    };

    static CompilerServer()
    {
        Process server = DotNet.Start(Path.GetTempPath(), Environment, DotNet.Host, DotNet.BuildFact("CompilerServer"), "-pipename:" + Pipe);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Kill();
    }

    /// <summary>The same with more variables.</summary>
    public static Dictionary<string, string> With(Dictionary<string, string> environment)
    {
        var all = new Dictionary<string, string>(Environment);
        foreach (var (name, value) in environment) all[name] = value;
        return all;
    }

    /// <summary>For a build whose culture, mounts or processes are what is tried: it compiles in a process of its own.</summary>
    public static Dictionary<string, string> Without(Dictionary<string, string> environment) => With(new(environment) { ["UseSharedCompilation"] = "false" });
}
