using System.Security.Cryptography;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>What is compiled depends on the inputs alone: not on where, when, in which language or on how many processors.</summary>
public sealed class SameBytesTests(PackageFixture package)
{
    private const string Items = """
        <OptimizedModel Include="models/digits.onnx" Precision="Int8" Calibration="data/calibration.npz" Evaluation="data/evaluation.npz" />
        """;

    private const string GeneratedFolder = "generated/ModelCompiler.Generator/ModelCompiler.Generator.PredictorGenerator/";
    private const string Properties = "<EmitCompilerGeneratedFiles>true</EmitCompilerGeneratedFiles><ModelCompilerCache>false</ModelCompilerCache>";

    [Fact]
    public void Model_manifest_and_source_are_the_same_in_another_place_culture_time_zone_and_on_one_processor()
    {
        var here = Build("", CompilerServer.With([]));
        var there = Build("another/checkout", CompilerServer.Without(new()
        {
            ["LANG"] = "tr_TR.UTF-8",
            ["LC_ALL"] = "tr_TR.UTF-8",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["TZ"] = "Asia/Tokyo",
            ["DOTNET_PROCESSOR_COUNT"] = "1",
            ["OMP_NUM_THREADS"] = "1",
        }));

        Assert.Equal(["App.DigitsPredictor.g.cs", "digits.model.json", "digits.onnx"], here.Keys);
        Assert.Equal(here, there);
    }

    private SortedDictionary<string, string> Build(string folder, Dictionary<string, string> environment)
    {
        using var project = new UserProject(package, Items, Properties, folder);
        project.Write("Program.cs", "using var digits = new App.DigitsPredictor();");
        var (exitCode, output) = DotNet.TryBuild(project.Folder, environment, "build");
        Assert.True(exitCode == 0, output);
        string[] files = ["models/digits/digits.onnx", "models/digits/digits.model.json", GeneratedFolder + "App.DigitsPredictor.g.cs"];
        return new(files.ToDictionary(file => Path.GetFileName(file), file => Hash(project.PathOf("obj/Debug/net10.0/" + file))), StringComparer.Ordinal);
    }

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
