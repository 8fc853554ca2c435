using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Runs <c>dotnet</c> in Linux namespaces of its own: without a network, and with folders that nobody can write, root included.</summary>
internal static class Sandbox
{
    /// <summary>The folders come before the separator, the command after it.</summary>
    private const string Script = """
        set -e
        while [ "$1" != -- ]; do mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; shift; done
        shift
        exec "$@"
        """;

    private static readonly string[] Namespaces = ["--map-root-user", "--mount", "--net"];

    private static readonly Lazy<bool> IsThere = new(() => OperatingSystem.IsLinux() && File.Exists("/usr/bin/unshare") && Start("/", [], ["true"]).ExitCode == 0);

    public static void Require() => Assert.SkipUnless(IsThere.Value, "Needs Linux with namespaces for this user (unshare --map-root-user).");

    /// <summary>A command that MSBuild serves.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="readOnly">Full paths of folders that cannot be written.</param>
    /// <param name="arguments">Of <c>dotnet</c>.</param>
    public static (int ExitCode, string Output) TryBuild(string folder, string[] readOnly, params string[] arguments) =>
        Start(folder, readOnly, [DotNet.Host, .. arguments, .. DotNet.Quiet]);

    private static (int ExitCode, string Output) Start(string folder, string[] readOnly, string[] command) =>
        DotNet.Run(folder, CompilerServer.Without([]), "unshare", [.. Namespaces, "bash", "-c", Script, "bash", .. readOnly, "--", .. command]);
}
