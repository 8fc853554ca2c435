using System.Text.Json;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class CompareCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prints_one_document_with_the_fields_that_are_promised()
    {
        string a = _folder.WriteClassifier("a.onnx");
        string b = _folder.WriteClassifier("b.onnx", seed: 7);
        JsonElement json = Cli.Run("compare", a, b, "--data", _folder.WriteSamples(), "--json").Succeeds().Json;
        Assert.Equal(24, json.GetProperty("samples").GetInt32());
        JsonElement output = Assert.Single(json.GetProperty("outputs").EnumerateArray());
        Assert.Equal("scores", output.GetProperty("name").GetString());
        Assert.InRange(output.GetProperty("cosine").GetDouble(), -1, 0.99);
        Assert.InRange(output.GetProperty("sqnrDb").GetDouble(), -60, 20);
        Assert.True(output.GetProperty("maxAbs").GetDouble() > 0);
        Assert.InRange(output.GetProperty("top1Agreement").GetDouble(), 0, 1);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("accuracy").ValueKind);
    }

    [Fact]
    public void Says_that_a_model_is_equal_to_itself_in_JSON_that_any_reader_takes()
    {
        string model = _folder.WriteClassifier();
        JsonElement json = Cli.Run("compare", model, model, "--data", _folder.WriteSamples(labels: TestModels.Labels), "--batch", "7", "--json").Succeeds().Json;
        Assert.Equal(double.PositiveInfinity, json.GetProperty("outputs")[0].GetProperty("sqnrDb").GetDouble());
        Assert.Equal(1, json.GetProperty("outputs")[0].GetProperty("cosine").GetDouble());
        double a = json.GetProperty("accuracy").GetProperty("a").GetDouble();
        Assert.InRange(a, 0, 1);
        Assert.Equal(a, json.GetProperty("accuracy").GetProperty("b").GetDouble());
    }

    [Fact]
    public void Prints_a_table_for_people()
    {
        string model = _folder.WriteClassifier();
        CliResult result = Cli.Run("compare", model, model, "--data", _folder.WriteSamples(labels: TestModels.Labels)).Succeeds();
        Assert.Matches(@"scores +1\.000000 +equal +0 +100\.00 %", result.Output);
        Assert.Matches(@"accuracy \d+\.\d\d % and \d+\.\d\d %", result.Output);
        Assert.Contains("comparing on 24 samples", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Needs_data_and_says_which_label_is_none()
    {
        string model = _folder.WriteClassifier();
        Assert.Equal(2, Cli.Run("compare", model, model).ExitCode);
        long[] labels = [.. TestModels.Labels];
        labels[3] = TestModels.Classes;
        Cli.Run("compare", model, model, "--data", _folder.WriteSamples(labels: labels)).Refuses("OM2216", "label 4");
    }
}
