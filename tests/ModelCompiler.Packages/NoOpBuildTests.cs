using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace ModelCompiler.Packages;

/// <summary>What the package costs a build that has nothing to do, measured against the same project without it. Figures, not limits: build/packages-full.sh shows them.</summary>
public sealed class NoOpBuildTests(PackageFixture package)
{
    private const int Models = 10;
    private const int Pairs = 12;

    [Fact]
    public void Ten_models_are_looked_at_and_nothing_is_started()
    {
        Assert.SkipUnless(Tier.IsFull, "Takes minutes: build/packages-full.sh.");
        string items = string.Concat(Enumerable.Range(0, Models).Select(i => $"<OptimizedModel Include=\"models/m{i}.onnx\" />"));
        using var with = new UserProject(package, items);
        using var without = new UserProject(package, "");
        for (int i = 0; i < Models; i++) File.Copy(with.PathOf("models/digits.onnx"), with.PathOf($"models/m{i}.onnx"));
        without.Write("App.csproj", Regex.Replace(File.ReadAllText(without.PathOf("App.csproj")), "<PackageReference Include=\"ModelCompiler\".*/>", ""));
        foreach (UserProject project in (UserProject[])[with, without])
        {
            project.Write("Program.cs", "return;");
            project.Build("build");
            project.Build("build", "--no-restore");
        }

        // A tool that was started would fail the build.
        string[] noTool = ["build", "--no-restore", "-p:ModelCompilerDotNetHost=/nowhere/dotnet"];
        double[] differences = [.. Enumerable.Range(0, Pairs).Select(i => i % 2 == 0 ? -Time(without, noTool) + Time(with, noTool) : Time(with, noTool) - Time(without, noTool))];

        string summary = with.Build([.. noTool, "-clp:PerformanceSummary"]);
        Match task = Regex.Match(summary, @"(\d+) ms\s+CompileModels\s+\d+ calls", RegexOptions.RightToLeft);
        Assert.True(task.Success, summary);
        Tier.Count($"{Models} models add {Median(differences):F0} ms to a build with nothing to do (median of {Pairs} pairs), {task.Groups[1].Value} ms of it in the task");
    }

    private static double Time(UserProject project, string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        project.Build(arguments);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
