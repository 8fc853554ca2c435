using System.Text.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class BenchCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prints_one_document_with_the_fields_that_are_promised()
    {
        string a = _folder.WriteClassifier("a.onnx");
        string b = _folder.WriteClassifier("b.onnx", seed: 2);
        JsonElement json = Cli.Run("bench", a, b, "--runs", "5", "--batch", "3", "--threads", "2", "--json").Succeeds().Json;
        JsonElement[] models = [.. json.GetProperty("models").EnumerateArray()];
        Assert.Equal([a, b], models.Select(model => model.GetProperty("path").GetString()));
        Assert.All(models, model => Assert.InRange(model.GetProperty("medianMs").GetDouble(), 1e-6, model.GetProperty("p95Ms").GetDouble()));
        Assert.Equal(1, models[0].GetProperty("ratio").GetDouble());
        Assert.True(models[1].GetProperty("ratio").GetDouble() > 0);
        Assert.Equal((3, 2, 5), (json.GetProperty("batch").GetInt32(), json.GetProperty("threads").GetInt32(), json.GetProperty("runs").GetInt32()));
    }

    [Fact]
    public void Prints_a_table_for_people()
    {
        string output = Cli.Run("bench", _folder.WriteClassifier(), "--runs", "3").Succeeds().Output;
        string[] lines = output.Split('\n');
        Assert.Matches(@"^model +median +p95 +ratio\r?$", lines[0]);
        Assert.Matches(@"ms  .* ms  1\.000\r?$", lines[1]);
        Assert.StartsWith("batch 1, threads 1, runs 3", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Takes_inputs_from_samples()
    {
        string model = _folder.WriteClassifier();
        Cli.Run("bench", model, "--runs", "2", "--batch", "5", "--data", _folder.WriteSamples()).Succeeds();
        string wrong = _folder.Write("wrong.npz", NumpyFiles.Npz(("picture", NumpyFiles.Ramp(0, 1, 1, 6, 6))));
        Cli.Run("bench", model, "--data", wrong).Refuses("OM2207", "'image'");
    }

    [Fact]
    public void Asks_for_open_dimensions_and_takes_them()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Relu", [b.Input("x", Dim.Named("N"), Dim.Named("width"))]), new TensorType(ElementType.Float, null));
        string model = _folder.Write("open.onnx", OnnxWriter.ToBytes(b.Model));
        Cli.Run("bench", model, "--runs", "1").Refuses("OM2220", "--dim width=");
        Cli.Run("bench", model, "--runs", "1", "--dim", "widht=4").Refuses("OM2221", "width");
        Cli.Run("bench", model, "--runs", "1", "--dim", "width").Refuses("OM2302", "width");
        Cli.Run("bench", model, "--runs", "1", "--dim", "N=2", "--dim", "width=4").Succeeds();
    }

    [Theory]
    [InlineData("--batch", "0")]
    [InlineData("--runs", "0")]
    [InlineData("--runs", "many")]
    [InlineData("--seconds", "-1")]
    public void Refuses_options_that_make_no_sense_as_usage_errors(string option, string value)
    {
        CliResult result = Cli.Run("bench", "model.onnx", option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_a_provider_that_does_not_exist_or_is_not_in_the_library()
    {
        string model = _folder.WriteClassifier();
        Cli.Run("bench", model, "--provider", "cud").Refuses("OM2002", "Did you mean 'Cuda'?");
        Cli.Run("bench", model, "--provider", "coreml").Refuses("OM5012", "CoreMl");
    }
}
