using System.Xml.Linq;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>
/// samples/GpuClassifier as it stands, against a package of the id, version and layout of Microsoft.ML.OnnxRuntime.Gpu. It holds the library that
/// knows CUDA and TensorRT, but not their own libraries, which are 230 MB: build/gpu-sample.sh does the same with those.
/// </summary>
public sealed class GpuSampleTests(PackageFixture package) : IDisposable
{
    private const string Id = "Microsoft.ML.OnnxRuntime.Gpu";

    private readonly UserProject _project = new(package, "");

    public void Dispose() => _project.Dispose();

    [Fact]
    public void It_arrives_on_the_cpu_and_says_why()
    {
        Assert.SkipUnless(DotNet.BuildFact("Runtime") == "linux-x64", "The library that knows CUDA is there for Linux x64 only.");
        string repository = Path.GetFullPath(Path.Combine(DotNet.BuildFact("Sample"), "..", ".."));
        string version = XDocument.Load(Path.Combine(repository, "Directory.Packages.props")).Descendants("PackageVersion")
            .Single(element => (string?)element.Attribute("Include") == Id).Attribute("Version")!.Value;
        FlavourPackage.Write(package.Feed, Id, version, ("runtimes/linux-x64/native/libonnxruntime.so", FlavourPackage.Copy(Path.Combine(repository, "artifacts", "native", "linux-x64", "libonnxruntime.so"))));
        WriteSample(repository, version);

        _project.Build("build", "GpuClassifier");
        string output = _project.Run("GpuClassifier/bin/Debug/net10.0/GpuClassifier.dll");

        Assert.Contains("[Warning] TensorRt: not used. OM5014", output, StringComparison.Ordinal);
        Assert.Contains("Cuda: not used. OM5014", output, StringComparison.Ordinal);
        Assert.Contains($"Reference {Id}", output, StringComparison.Ordinal);
        Assert.Contains("Nodes: CPUExecutionProvider ", output, StringComparison.Ordinal);
        Assert.Contains("A vertical stroke reads as 1.", output, StringComparison.Ordinal);
        string deps = File.ReadAllText(_project.Files.PathOf("GpuClassifier/bin/Debug/net10.0/GpuClassifier.deps.json"));
        Assert.Single(deps.Split("libonnxruntime.so\": {").Skip(1));
    }

    private void WriteSample(string repository, string version)
    {
        foreach (string file in (string[])["GpuClassifier.csproj", "Program.cs"])
            _project.Files.Write("GpuClassifier/" + file, File.ReadAllText(Path.Combine(repository, "samples", "GpuClassifier", file)));
        _project.Files.Write("DigitClassifier/models/digits.onnx", File.ReadAllBytes(Path.Combine(repository, "samples", "DigitClassifier", "models", "digits.onnx")));
        _project.Files.Write("Directory.Packages.props", $"""
            <Project>
              <PropertyGroup>
                <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestorePackagesPath>{package.Restored}</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageVersion Include="ModelCompiler" Version="{package.Version}" />
                <PackageVersion Include="{Id}" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
    }
}
