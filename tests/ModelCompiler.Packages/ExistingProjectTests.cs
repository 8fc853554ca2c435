using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Projects that had a model before they had the package.</summary>
public sealed class ExistingProjectTests(PackageFixture package) : IDisposable
{
    private const string Program = """
        using var digits = new App.DigitsPredictor();
        using var served = new App.ServedPredictor();
        System.Console.WriteLine($"{digits.Predict(new float[784]).Logits.Length} {served.Predict(new float[784]).Logits.Length}");
        """;

    private readonly UserProject _project = new(package, "");

    public void Dispose() => _project.Dispose();

    /// <summary>The first model was copied to the output as it is, to be loaded by hand; the second lies among the files that a web server hands out, the third is copied to be compared with.</summary>
    [Fact]
    public void A_copied_model_gives_way_to_the_compiled_one_and_a_served_one_is_still_served()
    {
        Directory.CreateDirectory(_project.PathOf("wwwroot"));
        File.Copy(_project.PathOf("models/digits.onnx"), _project.PathOf("wwwroot/served.onnx"));
        File.Copy(_project.PathOf("models/digits.onnx"), _project.PathOf("models/compared.onnx"));
        _project.WriteProject("""
            <None Update="models/digits.onnx" CopyToOutputDirectory="PreserveNewest" CopyToPublishDirectory="PreserveNewest" />
            <None Update="models/compared.onnx" Link="original/compared.onnx" CopyToOutputDirectory="PreserveNewest" />
            <OptimizedModel Include="models/digits.onnx" Precision="Float16" />
            <OptimizedModel Include="models/compared.onnx" Precision="Float16" />
            <OptimizedModel Include="wwwroot/served.onnx" Precision="Float16" />
            """);
        _project.Write("App.csproj", File.ReadAllText(_project.PathOf("App.csproj")).Replace("\"Microsoft.NET.Sdk\"", "\"Microsoft.NET.Sdk.Web\"", StringComparison.Ordinal));
        _project.Write("Program.cs", Program);

        _project.Build("publish", "-c", "Debug", "-o", "out");

        Assert.All(["bin/Debug/net10.0/App.dll", "out/App.dll"], program => Assert.Equal("10 10", _project.Run(program)));
        long source = new FileInfo(_project.PathOf("models/digits.onnx")).Length;
        Assert.All(["out/models/digits.onnx", "out/models/served.onnx"], model => Assert.InRange(new FileInfo(_project.PathOf(model)).Length, 1, source - 1));
        // What goes elsewhere is left alone.
        Assert.All(["out/wwwroot/served.onnx", "out/original/compared.onnx"], model => Assert.Equal(source, new FileInfo(_project.PathOf(model)).Length));
    }
}
