using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>Builds at the same time: of one project, of several that share a model, and for several target frameworks.</summary>
public sealed class ConcurrentBuildTests(PackageFixture package)
{
    private const string Items = """<OptimizedModel Include="models/digits.onnx" Precision="Int8" Calibration="data/calibration.npz" />""";

    private static readonly int Builds = Tier.Of(4, 8);

    [Fact]
    public void Builds_of_one_project_make_its_model_once_and_none_fails()
    {
        using var project = new UserProject(package, Items, "<ModelCompilerCache>false</ModelCompilerCache>");
        project.Write("Program.cs", "using var digits = new App.DigitsPredictor();");
        project.Build("restore");

        // Up to the compiler: beyond it, builds of one project write the same assembly, which is not ours to protect.
        string[] outputs = Together(Builds, _ => ("msbuild", ["-t:CollectModels", "-p:BuildingProject=true"]), project.Folder);

        Assert.Single(outputs, output => output.Contains("latency ratio", StringComparison.Ordinal));
        AssertDone(project.PathOf("obj/Debug/net10.0"));
        project.Build("build", "--no-restore");
        Tier.Count($"{Builds} builds of one project at once, 1 compilation");
    }

    [Fact]
    public void Projects_and_target_frameworks_that_share_a_model_compile_it_once()
    {
        string cache = $"<ModelCompilerCache>{package.PathOf("shared cache")}</ModelCompilerCache>";
        string[] names = Tier.Of<string[]>(["one", "two"], ["one", "two", "three", "four"]);
        UserProject[] projects = [.. names.Select(name => new UserProject(
            package, Items, $"<RootNamespace>{name}</RootNamespace><TargetFrameworks>net10.0;net10.0-windows</TargetFrameworks><TargetFramework />{cache}"))];
        foreach (var (project, name) in projects.Zip(names))
        {
            project.Write("Program.cs", $"using var digits = new {name}.DigitsPredictor();");
        }

        string[] outputs = Together(names.Length, i => ("build", []), [.. projects.Select(project => project.Folder)]);

        Assert.Equal(2 * names.Length, Count("digits: Int8", outputs));
        Assert.Equal((2 * names.Length) - 1, Count(", from the cache", outputs));
        Assert.All(projects, project => AssertDone(project.PathOf("obj/Debug/net10.0")));
        Assert.All(projects, project => project.Dispose());
        Tier.Count($"{names.Length} projects with 2 target frameworks each at once, 1 compilation");
    }

    private static int Count(string text, string[] outputs) => outputs.Sum(output => output.Split(text).Length - 1);

    private static string[] Together(int count, Func<int, (string Command, string[] Arguments)> command, params string[] folders)
    {
        var results = new (int ExitCode, string Output)[count];
        var threads = Enumerable.Range(0, count).Select(i => new Thread(() =>
        {
            var (name, arguments) = command(i);
            results[i] = DotNet.TryBuild(folders[i % folders.Length], [name, .. arguments]);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.Output));
        return [.. results.Select(result => result.Output)];
    }

    /// <summary>All outputs and nothing half done: no working folder, no request.</summary>
    private static void AssertDone(string intermediate)
    {
        string[] files = Directory.GetFiles(Path.Combine(intermediate, "models"), "*", SearchOption.AllDirectories);
        Assert.Equal(
            [".modelc.lock", "digits.model.json", "digits.onnx", "digits.provenance.json", "digits.report.html", "digits.report.json", "digits.stamp"],
            files.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(intermediate, "*.request.json"));
    }
}
