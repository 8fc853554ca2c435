using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Projects in folders whose names mean something to MSBuild, to shells or to nobody.</summary>
public sealed class OddPlaceTests(PackageFixture package)
{
    private const string Items = """<OptimizedModel Include="models/digits.onnx" />""";

    public static TheoryData<string> Folders => ["we'ird %41 pe%rcent", "\u65e5\u672c \u00fc & $(x) @(y)", string.Join('/', Enumerable.Repeat("a-rather-long-folder-name-of-fifty-characters-length", 5))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_project_builds_and_runs_there(string folder)
    {
        using var project = new UserProject(package, Items, folder: folder);
        project.Write("Program.cs", "using var digits = new App.DigitsPredictor(); System.Console.WriteLine(digits.Predict(new float[784]).Logits.Length);");
        project.Build("build");
        Assert.Equal("10", project.Run("bin/Debug/net10.0/App.dll"));
    }
}
