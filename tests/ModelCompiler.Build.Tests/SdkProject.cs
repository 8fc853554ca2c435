using ModelCompiler.Tests;

namespace ModelCompiler.Build.Tests;

/// <summary>A real SDK project outside the repository that imports the props and targets, with the fake tool.</summary>
internal sealed class SdkProject : IDisposable
{
    private readonly Workspace _workspace = new();

    public SdkProject(string items, string frameworks = "<TargetFramework>net10.0</TargetFramework>")
    {
        WriteProject(items, frameworks);
        _workspace.Write("Program.cs", "internal static class Program { private static void Main() { } }");
        _workspace.Write("Directory.Build.props", $"<Project><Import Project=\"{DotNet.BuildFact("Targets")}/ModelCompiler.props\" /></Project>");
        _workspace.Write("Directory.Build.targets", $"""
            <Project>
              <PropertyGroup>
                <ModelCompilerTaskAssembly>{DotNet.BuildFact("TaskAssembly")}</ModelCompilerTaskAssembly>
                <ModelCompilerToolAssembly>{DotNet.BuildFact("FakeTool")}</ModelCompilerToolAssembly>
              </PropertyGroup>
              <Import Project="{DotNet.BuildFact("Targets")}/ModelCompiler.targets" />
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

    public bool Exists(string relative) => _workspace.Has(relative);

    /// <summary>Runs <c>dotnet</c> in the project's folder, which must succeed, and gives what it printed.</summary>
    public string Build(params string[] arguments) => DotNet.Build(_workspace.Folder, arguments);

    public (int ExitCode, string Output) TryBuild(params string[] arguments) => DotNet.TryBuild(_workspace.Folder, arguments);

    public void Dispose() => _workspace.Dispose();
}
