using System.Text.Json;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class TuneCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Plan => File.ReadAllText(_folder.PathOf("classifier.plan.json"));

    [Fact]
    public void Writes_a_plan_that_later_compilations_follow()
    {
        string model = _folder.WriteClassifier(), samples = _folder.WriteSamples();
        CliResult tuned = Cli.Run("tune", model, "--calibration", samples, "--tuning-budget", "2s", "--json").Succeeds();
        string precision = tuned.Json.GetProperty("precision").GetString()!;
        Assert.Contains($"\"precision\": \"{precision}\"", Plan, StringComparison.Ordinal);
        string written = Plan;
        byte[][] models = [.. new[] { "a", "b" }.Select(output =>
        {
            CliResult compiled = Cli.Run("compile", model, "--precision", "Auto", "--calibration", samples, "-o", _folder.PathOf(output), "--json").Succeeds();
            Assert.Equal(precision, compiled.Json.GetProperty("precision").GetString());
            Assert.DoesNotContain("trying", compiled.Error, StringComparison.Ordinal);
            return File.ReadAllBytes(_folder.PathOf($"{output}/classifier.onnx"));
        })];
        Assert.Equal(models[0], models[1]);
        Assert.Equal(written, Plan);
    }

    [Fact]
    public void Auto_without_a_plan_writes_one()
    {
        Cli.Run("compile", _folder.WriteClassifier(), "--precision", "Auto", "--calibration", _folder.WriteSamples(), "--tuning-budget", "2s", "-o", _folder.PathOf("out")).Succeeds();
        Assert.Contains("\"subject\"", Plan, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_for_another_model_is_refused_and_one_for_another_precision_is_not_used()
    {
        string model = _folder.WriteClassifier(), samples = _folder.WriteSamples();
        Cli.Run("tune", model, "--precision", "Int8", "--calibration", samples).Succeeds();
        _folder.WriteClassifier(seed: 7);
        Cli.Run("compile", model, "--precision", "Auto", "--calibration", samples, "-o", _folder.PathOf("out")).Refuses("OM2241", "modelc tune");
        Cli.Run("compile", model, "--precision", "Int8", "--calibration", samples, "-o", _folder.PathOf("out")).Refuses("OM2241", "modelc tune");
        Cli.Run("compile", model, "-o", _folder.PathOf("out")).Succeeds();
    }

    [Fact]
    public void A_plan_that_cannot_be_read_is_named()
    {
        string model = _folder.WriteClassifier();
        _folder.Write("classifier.plan.json", "{ \"version\": 1 }");
        Cli.Run("compile", model, "--precision", "Auto", "--calibration", _folder.WriteSamples(), "-o", _folder.PathOf("out")).Refuses("OM2242", "precision");
    }

    /// <summary>What a mixture is made of is another precision, which nobody asked for.</summary>
    [Fact]
    public void A_plan_for_a_mixture_is_followed_by_mixtures_and_by_nothing_else()
    {
        string model = _folder.WriteClassifier(), samples = _folder.WriteSamples();
        Cli.Run("tune", model, "--precision", "Mixed", "--calibration", samples).Succeeds();
        Assert.Contains("following", Compile("Mixed").Error, StringComparison.Ordinal);
        Assert.DoesNotContain("following", Compile("Int8").Error, StringComparison.Ordinal);

        CliResult Compile(string precision) => Cli.Run("compile", model, "--precision", precision, "--calibration", samples, "-o", _folder.PathOf(precision)).Succeeds();
    }

    [Fact]
    public void Another_objective_than_that_of_the_plan_is_told()
    {
        string model = _folder.WriteClassifier(), samples = _folder.WriteSamples();
        Cli.Run("tune", model, "--objective", "Size", "--calibration", samples, "--tuning-budget", "2s").Succeeds();
        Assert.Contains("OM2243", Compile("Latency").Error, StringComparison.Ordinal);
        Assert.DoesNotContain("OM2243", Compile("Size").Error, StringComparison.Ordinal);

        CliResult Compile(string objective) =>
            Cli.Run("compile", model, "--precision", "Auto", "--objective", objective, "--calibration", samples, "-o", _folder.PathOf(objective)).Succeeds();
    }

    /// <summary>Else the next build, with other settings, would follow what missed the budget.</summary>
    [Fact]
    public void What_misses_a_budget_leaves_no_plan()
    {
        string[] arguments = ["compile", _folder.WriteClassifier(), "--precision", "Auto", "--calibration", _folder.WriteSamples(), "--tuning-budget", "2s", "-o", _folder.PathOf("out")];
        Cli.Run([.. arguments, "--max-size-mb", "0.0001"]).Refuses("OM4011", "None of the precisions", exitCode: 3);
        Assert.False(_folder.Has("classifier.plan.json"));
    }

    [Fact]
    public void A_plan_that_leaves_the_model_in_float_is_said_to()
    {
        string model = _folder.WriteClassifier(), samples = _folder.WriteSamples();
        Cli.Run("tune", model, "--precision", "Int8", "--calibration", samples).Succeeds();
        string subject = JsonDocument.Parse(Plan).RootElement.GetProperty("subject").GetString()!;
        _folder.Write("classifier.plan.json", $$"""{ "version": 1, "subject": "{{subject}}", "precision": "Int8", "choices": { "compute": "float" }, "layers": {} }""");
        CliResult result = Cli.Run("compile", model, "--precision", "Int8", "--calibration", samples, "-o", _folder.PathOf("out")).Succeeds();
        Assert.Contains("OM4020", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("OM4004", result.Error, StringComparison.Ordinal);
        Assert.Contains("Float32 instead of Int8: 0 of 2 products", result.Output, StringComparison.Ordinal);
    }
}
