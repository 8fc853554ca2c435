using System.Runtime.InteropServices;
using System.Text.Json;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Build.Tests;

/// <summary>Which of the package's tools the targets take: evaluated, not built.</summary>
public sealed class ToolChoiceTests : IDisposable
{
    private readonly Workspace _package = new();

    public void Dispose() => _package.Dispose();

    [Fact]
    public void The_program_of_this_platform_goes_with_the_assembly_where_there_is_one()
    {
        string targets = Path.Combine(DotNet.BuildFact("Targets"), "ModelCompiler.targets");
        _package.Write("build/ModelCompiler.targets", File.ReadAllText(targets));
        _package.Write("App/Directory.Build.targets", """<Project><Import Project="../build/ModelCompiler.targets" /></Project>""");
        _package.Write("App/App.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        string file = OperatingSystem.IsWindows() ? "modelc.exe" : "modelc";
        string everywhere = _package.Write("tools/net10.0/modelc.dll", "il");
        _package.Write($"tools/net10.0/solaris-sparc/{file}", "another platform's");
        Assert.Equal((everywhere, ""), Tool());

        string native = _package.Write($"tools/net10.0/{RuntimeInformation.RuntimeIdentifier}/{file}", "native code");
        Assert.Equal((everywhere, native), Tool());

        // One's own assembly is not answered for by the package's program.
        Assert.Equal(("mine.dll", ""), Tool("-p:ModelCompilerToolAssembly=mine.dll"));
    }

    private (string Assembly, string Program) Tool(params string[] options)
    {
        using var properties = JsonDocument.Parse(DotNet.Build(_package.PathOf("App"), ["msbuild", "-nologo", "-getProperty:ModelCompilerToolAssembly,_ModelCompilerNativeProgram", .. options]));
        JsonElement values = properties.RootElement.GetProperty("Properties");
        return (values.GetProperty("ModelCompilerToolAssembly").GetString()!, values.GetProperty("_ModelCompilerNativeProgram").GetString()!);
    }
}
