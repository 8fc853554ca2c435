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
}
