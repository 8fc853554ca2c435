using System.Text.Json;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class BisectCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Says_that_no_pass_alters_an_answer()
    {
        CliResult result = Cli.Run("bisect", _folder.WriteClassifier(), "--data", _folder.WriteSamples()).Succeeds();
        Assert.Equal("the answers agree: no pass alters them", result.Output.Trim());
    }

    [Fact]
    public void Names_the_change_that_rounds_otherwise_where_no_rounding_is_allowed()
    {
        JsonElement json = Cli.Run("bisect", _folder.WriteClassifier(), "--data", _folder.WriteSamples(), "--tolerance", "0", "--json").Succeeds().Json;
        Assert.False(json.GetProperty("agrees").GetBoolean());
        JsonElement culprit = json.GetProperty("culprit");
        Assert.Equal("fold-affine-into-producer", culprit.GetProperty("change").GetProperty("pass").GetString());
        Assert.Contains("(BatchNormalization)", culprit.GetProperty("change").GetProperty("where").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, culprit.GetProperty("sample").GetInt32());
        Assert.StartsWith("output 'scores', element ", culprit.GetProperty("difference").GetString(), StringComparison.Ordinal);
        Assert.InRange(culprit.GetProperty("number").GetInt32(), 1, culprit.GetProperty("total").GetInt32());
    }

    [Fact]
    public void Makes_up_inputs_where_no_samples_are_given()
    {
        CliResult result = Cli.Run("bisect", _folder.WriteClassifier(), "--tolerance", "0").Succeeds();
        Assert.Matches(@"pass +fold-affine-into-producer", result.Output);
        Assert.Matches(@"difference +output 'scores', element \d+: ", result.Output);
    }

    [Fact]
    public void Refuses_what_it_cannot_use()
    {
        Assert.Equal(2, Cli.Run("bisect", _folder.WriteClassifier(), "--tolerance", "-1").ExitCode);
        Cli.Run("bisect", _folder.Write("x.onnx", [1, 2, 3])).Refuses("OM1002", "x.onnx");
        Cli.Run("bisect", _folder.WriteClassifier(), "--data", "nowhere.npz").Refuses("OM2201", "nowhere.npz");
    }
}
