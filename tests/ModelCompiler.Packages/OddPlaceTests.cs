using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Projects in folders whose names mean something to MSBuild, to shells or to nobody.</summary>
public sealed class OddPlaceTests(PackageFixture package)
{
    private const string Items = """<OptimizedModel Include="models/digits.onnx" />""";

    /// <summary>The SDK itself fails below <c>%41</c> and <c>@(x)</c>, with or without a package.</summary>
    private static readonly string[] All =
    [
        "a;b pe%rc'ent \u65e5\u672c",
        "x & $(x) \u00fc",
        string.Join('/', Enumerable.Repeat("a-rather-long-folder-name-of-fifty-characters-length", 5)),
    ];

    public static TheoryData<string> Folders => [.. All.Take(Tier.Of(1, All.Length))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_project_builds_and_runs_there(string folder)
    {
        using var project = new UserProject(package, Items, folder: folder);
        project.Write("Program.cs", "using var digits = new App.DigitsPredictor(); System.Console.WriteLine(digits.Predict(new float[784]).Logits.Length);");
        project.Build("build");
        Assert.Equal("10", project.Run("bin/Debug/net10.0/App.dll"));
        Tier.Count($"built and run in '{(folder.Length > 40 ? $"a path of {project.Folder.Length} characters" : folder)}'");
    }
}
