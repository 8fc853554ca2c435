using System.Diagnostics;
using Xunit;

namespace ModelCompiler.Build.Tests;

/// <summary>A real SDK project outside the repository that imports the props and targets, with the fake tool.</summary>
internal sealed class SdkProject : IDisposable
{
    private readonly Workspace _workspace = new();

    public SdkProject(string items, string frameworks = "<TargetFramework>net10.0</TargetFramework>")
    {
        WriteProject(items, frameworks);
        _workspace.Write("Program.cs", "internal static class Program { private static void Main() { } }");
        _workspace.Write("Directory.Build.props", $"<Project><Import Project=\"{Workspace.Metadata("Targets")}/ModelCompiler.props\" /></Project>");
        _workspace.Write("Directory.Build.targets", $"""
            <Project>
              <PropertyGroup>
                <ModelCompilerTaskAssembly>{Workspace.Metadata("TaskAssembly")}</ModelCompilerTaskAssembly>
                <ModelCompilerToolAssembly>{Workspace.Metadata("FakeTool")}</ModelCompilerToolAssembly>
              </PropertyGroup>
              <Import Project="{Workspace.Metadata("Targets")}/ModelCompiler.targets" />
              <Target Name="ShowAdditionalFiles" AfterTargets="CoreCompile">
                <Message Importance="high" Text="additional: %(AdditionalFiles.Filename)%(AdditionalFiles.Extension) %(AdditionalFiles.ModelCompilerManifest)" />
              </Target>
            </Project>
            """);
    }

    public Workspace Files => _workspace;

    public string[] ToolStarts => File.Exists(_workspace.PathOf("tool.log")) ? File.ReadAllLines(_workspace.PathOf("tool.log")) : [];

    public void WriteProject(string items, string frameworks = "<TargetFramework>net10.0</TargetFramework>") => _workspace.Write("App.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            {frameworks}
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            {items}
          </ItemGroup>
        </Project>
        """);

    public bool Exists(string relative) => File.Exists(_workspace.PathOf(relative)) || Directory.Exists(_workspace.PathOf(relative));

    /// <summary>Runs <c>dotnet</c> in the project's directory, which must succeed, and gives what it printed.</summary>
    public string DotNet(params string[] arguments)
    {
        var (exitCode, output) = TryDotNet(arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }

    public (int ExitCode, string Output) TryDotNet(params string[] arguments)
    {
        var start = new ProcessStartInfo(Workspace.Metadata("DotNetHost"), [.. arguments, "-nologo", "-v:m", "-tl:off", "-m:1", "-nodeReuse:false"])
        {
            WorkingDirectory = _workspace.Directory,
            RedirectStandardOutput = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public void Dispose() => _workspace.Dispose();
}
