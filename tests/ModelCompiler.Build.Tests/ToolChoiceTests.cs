using System.Runtime.InteropServices;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Build.Tests;

/// <summary>Which of the package's tools the targets take: evaluated, not built.</summary>
public sealed class ToolChoiceTests : IDisposable
{
    private readonly Workspace _package = new();

    public void Dispose() => _package.Dispose();

    [Fact]
    public void The_tool_is_the_one_compiled_ahead_of_time_for_this_platform_where_there_is_one()
    {
        string targets = Path.Combine(DotNet.BuildFact("Targets"), "ModelCompiler.targets");
        _package.Write("build/ModelCompiler.targets", File.ReadAllText(targets));
        _package.Write("App/Directory.Build.targets", """<Project><Import Project="../build/ModelCompiler.targets" /></Project>""");
        _package.Write("App/App.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        string everywhere = _package.Write("tools/net10.0/modelc.dll", "il");
        _package.Write("tools/net10.0/solaris-sparc/modelc.dll", "another platform's");
        Assert.Equal(everywhere, Path.GetFullPath(Tool()));

        string ahead = _package.Write($"tools/net10.0/{RuntimeInformation.RuntimeIdentifier}/modelc.dll", "native code");
        Assert.Equal(ahead, Path.GetFullPath(Tool()));

        string Tool() => DotNet.Build(_package.PathOf("App"), "msbuild", "-nologo", "-getProperty:ModelCompilerToolAssembly").Trim();
    }
}
