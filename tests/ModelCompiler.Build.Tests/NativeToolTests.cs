using System.Diagnostics;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Build.Tests;

/// <summary>The program of this platform is taken where it runs, and the assembly does the work where it does not.</summary>
public sealed class NativeToolTests : IDisposable
{
    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = ReadOnly | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly string Version = FileVersionInfo.GetVersionInfo(DotNet.BuildFact("FakeTool")).ProductVersion!;

    private readonly TaskProject _project = new();

    public NativeToolTests() => _project.Add("a.onnx");

    public void Dispose() => _project.Dispose();

    [Fact]
    public void A_program_that_runs_does_the_work_and_the_next_build_has_none()
    {
        Assert.True(RunWith(Script(Working)));

        Assert.Equal(["--version", "build"], NativeStarts);
        Assert.Equal(["a"], _project.ToolStarts);
        // Neither form is started, and whichever ran last made the same.
        Assert.True(_project.Run());
        Assert.True(RunWith(Script(Working)));
        Assert.Equal(["a"], _project.ToolStarts);
        Assert.Equal(2, NativeStarts.Length);
    }

    [Fact]
    public void Errors_and_crashes_of_the_program_are_the_build_s()
    {
        _project.Add("b.onnx", ("Fake", "fail"));
        Assert.False(RunWith(Script(Working)));
        Assert.Equal("OM2003", Assert.Single(_project.Engine.Errors).Code);

        _project.Add("c.onnx", ("Fake", "crash"));
        Assert.False(RunWith(Script($"{Working}; exit $?")));
        Assert.Contains("139", _project.Engine.Errors[^1].Message, StringComparison.Ordinal);
    }

    /// <summary>What stands for what: a loader that is not there for another C library, the one that is and refuses for an older one, the signal for a missing instruction.</summary>
    [Theory]
    [InlineData("#!/lib/ld-nowhere.so.1\n", Executable)]
    [InlineData("#!/bin/sh\necho \"modelc: /lib/libc.so.6: version 'GLIBC_9.99' not found\" >&2; exit 1\n", Executable)]
    [InlineData("#!/bin/sh\nkill -ILL $$\n", Executable)]
    [InlineData("#!/bin/sh\necho 0.0.0-other\n", Executable)]
    [InlineData("#!/bin/sh\necho VERSION; exit 3\n", Executable)]
    [InlineData("#!/bin/sh\necho VERSION\n", ReadOnly)]
    [InlineData("\u007fELF of another processor", Executable)]
    [InlineData("", Executable)]
    public void A_program_that_does_not_run_is_left_for_the_assembly(string content, UnixFileMode mode)
    {
        string program = Program(content.Replace("VERSION", Version, StringComparison.Ordinal), mode);

        Assert.True(RunWith(program));

        Assert.Equal(["a"], _project.ToolStarts);
        Assert.Empty(_project.Engine.Warnings);
        Assert.Contains(_project.Engine.Messages, message => message.Message!.Contains($"is used in place of {program}: ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_design_time_build_chooses_the_same_way()
    {
        Assert.True(Describe(Script(Working)));
        Assert.Equal(["--version", "build"], NativeStarts);
        _project.Files.Touch("a.onnx");
        Assert.True(Describe(_project.Files.PathOf("nowhere")));
        Assert.Equal(["describe a", "describe a"], _project.ToolStarts);
    }

    private string Working => $"""[ "$1" = --version ] && echo {Version} || "{DotNet.Host}" exec "{DotNet.BuildFact("FakeTool")}" "$@" """;

    private string[] NativeStarts => File.Exists(_project.Files.PathOf("native.log")) ? File.ReadAllLines(_project.Files.PathOf("native.log")) : [];

    private string Script(string command) => Program($"#!/bin/sh\necho \"$1\" >> \"{_project.Files.PathOf("native.log")}\"\n{command}\n", Executable);

    private string Program(string content, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Scripts stand for the program.");
            return "";
        }

        string program = _project.Files.Write("native/modelc", content);
        File.SetUnixFileMode(program, mode);
        return program;
    }

    private bool RunWith(string program)
    {
        var task = _project.NewTask();
        task.NativeProgram = program;
        return task.Execute();
    }

    private bool Describe(string program)
    {
        var compile = _project.NewTask();
        return new DescribeModels
        {
            BuildEngine = compile.BuildEngine,
            Models = compile.Models,
            ProjectFile = compile.ProjectFile,
            OutputRoot = compile.OutputRoot,
            RequestFolder = compile.RequestFolder,
            RootNamespace = compile.RootNamespace,
            ToolAssembly = compile.ToolAssembly,
            DotNetHost = compile.DotNetHost,
            NativeProgram = program,
        }.Execute();
    }
}
