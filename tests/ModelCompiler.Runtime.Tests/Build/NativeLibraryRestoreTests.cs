using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Build;

/// <summary>
/// The build step that restores the native libraries, with an npm of the test's own making: its script mostly, and the
/// whole step by MSBuild where that decides.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class NativeLibraryRestoreTests : IDisposable
{
    private const string InstallEverything = """
        folder=node_modules/onnxruntime-node/bin/napi-v6
        for path in linux/x64/libonnxruntime.so.1 linux/arm64/libonnxruntime.so.1 win32/x64/onnxruntime.dll win32/arm64/onnxruntime.dll darwin/arm64/libonnxruntime.1.30.0.dylib; do
          mkdir -p "$folder/$(dirname $path)"
          echo "$path" > "$folder/$path"
          touch -d 1985-10-26 "$folder/$path"
        done
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string Tools => Path.Combine(_folder, "tools");

    private string Destination => Path.Combine(_folder, "native libraries");

    public NativeLibraryRestoreTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The tools of this test are shell scripts.");
        Directory.CreateDirectory(Tools);
        foreach (string tool in new[] { "sh", "env", "dirname", "mkdir", "touch", "node", "uname" })
        {
            File.CreateSymbolicLink(Path.Combine(Tools, tool), Which(tool));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_build_publishes_the_libraries_and_nothing_else_then_runs_nothing_until_one_is_lost()
    {
        WriteNpm($"echo run >> '{_folder}/runs'\n{InstallEverything}");
        string library = Path.Combine(Destination, "win-arm64", "onnxruntime.dll");

        Assert.Equal("", await Build());

        Assert.Equal(
            ["linux-arm64/libonnxruntime.so", "linux-x64/libonnxruntime.so", "osx-arm64/libonnxruntime.dylib", "win-arm64/onnxruntime.dll", "win-x64/onnxruntime.dll"],
            Directory.GetFiles(Destination, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Destination, file)).Order(StringComparer.Ordinal));
        Assert.Equal("win32/arm64/onnxruntime.dll\n", File.ReadAllText(library));
        Assert.Equal(5, Directory.GetFileSystemEntries(Destination).Length);

        Assert.Equal("", await Build());
        Assert.Equal("run\n", File.ReadAllText(Path.Combine(_folder, "runs")));

        File.Delete(library);
        Assert.Equal("", await Build());
        Assert.True(File.Exists(library));
    }

    [Fact]
    public async Task Restores_that_run_at_once_do_not_disturb_each_other()
    {
        WriteNpm(InstallEverything);

        string[] outputs = await Task.WhenAll(Restore(), Restore(), Restore());

        Assert.All(outputs, output => Assert.Equal("", output));
        Assert.Equal("linux-x64", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(Destination))));
    }

    [Fact]
    public async Task What_a_killed_restore_left_is_removed_and_what_a_live_one_uses_is_not()
    {
        WriteNpm(InstallEverything);
        string abandoned = Path.Combine(Destination, ".restore-abandoned"), live = Path.Combine(Destination, ".restore-live");
        Directory.CreateDirectory(abandoned);
        Directory.CreateDirectory(live);
        Directory.SetLastWriteTimeUtc(abandoned, DateTime.UtcNow.AddHours(-2));

        Assert.Equal("", await Restore());

        Assert.False(Directory.Exists(abandoned));
        Assert.True(Directory.Exists(live));
    }

    [Fact]
    public async Task Without_npm_the_error_says_what_to_install() =>
        Assert.StartsWith("OM5001: npm was not found on the PATH", await Restore(), StringComparison.Ordinal);

    [Fact]
    public async Task Without_node_the_build_says_what_to_install()
    {
        File.Delete(Path.Combine(Tools, "node"));

        Assert.Contains("error OM5001: node was not found on the PATH", await Build(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_install_that_fails_is_an_error_with_the_reason_and_leaves_nothing()
    {
        WriteNpm("echo 'npm error code ECONNREFUSED' >&2; exit 1");

        string output = await Build();

        Assert.Contains("error OM5002: npm could not install onnxruntime-node (code ECONNREFUSED)", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Destination));
    }

    [Fact]
    public async Task A_package_without_a_library_is_an_error_that_names_it()
    {
        WriteNpm("true");

        Assert.StartsWith("OM5003: the installed onnxruntime-node holds no linux/x64/libonnxruntime.so.1 for linux-x64", await Restore(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_an_error()
    {
        File.WriteAllText(Destination, "a file where the folder belongs");

        Assert.StartsWith("OM5004: ", await Restore(), StringComparison.Ordinal);
    }

    private static string Which(string tool) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, tool)).First(File.Exists);

    private void WriteNpm(string script)
    {
        string path = Path.Combine(Tools, "npm");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n", new UTF8Encoding(false));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>The script alone, for one library.</summary>
    private Task<string> Restore() => Run(
        Path.Combine(Tools, "node"), [Path.Combine(PublicModels.RepositoryRoot, "build", "native", "restore.mjs"), Destination, "linux-x64=linux/x64/libonnxruntime.so.1=libonnxruntime.so"]);

    private async Task<string> Build()
    {
        string targets = Path.Combine(PublicModels.RepositoryRoot, "build", "NativeLibrary.targets");
        string output = await Run(
            Which("dotnet"), ["msbuild", targets, "-nologo", "-v:q", "-nodeReuse:false", "-t:RestoreNativeLibrary", $"-p:NativeLibraryDirectory=\"{Destination}/\""]);
        return output.Replace("Restoring ONNX Runtime's native libraries from npm", "", StringComparison.Ordinal).Trim();
    }

    private async Task<string> Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, WorkingDirectory = _folder };
        start.Environment["PATH"] = Tools;
        using var process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }
}
