using System.Diagnostics;
using ModelCompiler.Requests;
using ModelCompiler.Tests;

namespace ModelCompiler.Packages;

/// <summary>Runs <c>modelc build</c> as the task does, without a build around it.</summary>
internal sealed class ToolProcess : IDisposable
{
    public const string Name = "digits";

    public Workspace Files { get; } = new();

    public string OutputFolder => Files.PathOf("obj/digits");

    public string Output(string extension) => Path.Combine(OutputFolder, Name + extension);

    /// <summary>Starts the tool for one model; <paramref name="precision"/> decides what comes out.</summary>
    public Process Start(string precision, string cache = "false", int? parent = null) =>
        DotNet.Start(Files.Folder, new Dictionary<string, string>(), DotNet.Host, Arguments(precision, cache, parent));

    public (int ExitCode, string Output) Run(string precision, string cache = "false") => DotNet.Run(Files.Folder, Arguments(precision, cache, null));

    /// <summary>Runs it where no file may become longer than so many KiB: a disk that is full, without a disk.</summary>
    public (int ExitCode, string Output) RunWithFileLimit(int limit, string precision, string cache = "false")
    {
        string command = $"trap '' XFSZ; ulimit -f {limit}; exec \"$@\"";
        // The runtime's double-mapped code is a file too.
        var environment = new Dictionary<string, string> { ["DOTNET_EnableWriteXorExecute"] = "0" };
        return DotNet.Run(Files.Folder, environment, "bash", ["-c", command, "bash", DotNet.Host, .. Arguments(precision, cache, null)]);
    }

    /// <summary>Runs it under strace, which writes what it sees to a file of this name.</summary>
    public (int ExitCode, string Output) RunTraced(string[] options, string trace, string precision, string cache = "false") =>
        DotNet.Run(Files.Folder, new Dictionary<string, string>(), "strace", ["-f", "-qq", "-o", Files.PathOf(trace), .. options, DotNet.Host, .. Arguments(precision, cache, null)]);

    public void Dispose() => Files.Dispose();

    private string[] Arguments(string precision, string cache, int? parent)
    {
        var request = new BuildRequest
        {
            ProjectFile = Files.PathOf("App.csproj"),
            RootNamespace = "App",
            ParentProcessId = parent ?? Environment.ProcessId,
            Cache = cache,
            Items =
            [
                new BuildRequestItem
                {
                    Model = Path.Combine(DotNet.BuildFact("Sample"), "models/digits.onnx"),
                    Name = Name,
                    OutputDirectory = OutputFolder,
                    Stamp = precision,
                    DefinedIn = Files.PathOf("App.csproj"),
                    Metadata = new Dictionary<string, string>
                    {
                        ["Precision"] = precision,
                        ["Calibration"] = precision == "Int8" ? Path.Combine(DotNet.BuildFact("Sample"), "data/calibration.npz") : "",
                    },
                },
            ],
        };
        return [DotNet.BuildFact("Tool"), "build", Files.Write($"{precision}.request.json", BuildRequestFormat.Write(request))];
    }
}
