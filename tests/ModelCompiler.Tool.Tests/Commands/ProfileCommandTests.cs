using System.Text.Json;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public sealed class ProfileCommandTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Counts_every_node_that_ran_once()
    {
        JsonElement json = Cli.Run("profile", _folder.WriteClassifier(), "--runs", "4", "--batch", "2", "--json").Succeeds().Json;
        Assert.Equal(4, json.GetProperty("runs").GetInt32());
        JsonElement[] nodes = [.. json.GetProperty("nodes").EnumerateArray()];
        // Conv, BatchNormalization and Relu are one node by then; the product of the Gemm another.
        string[] operators = [.. nodes.Select(node => node.GetProperty("operator").GetString()!)];
        string convolution = Assert.Single(operators, name => name.EndsWith("Conv", StringComparison.Ordinal));
        Assert.Contains("Gemm", operators);
        Assert.DoesNotContain("Relu", operators);
        Assert.Equal(1, nodes.Sum(node => node.GetProperty("share").GetDouble()), 6);
        Assert.All(nodes, node => Assert.Equal("CPUExecutionProvider", node.GetProperty("provider").GetString()));
        JsonElement convolutions = json.GetProperty("operators").EnumerateArray().Single(entry => entry.GetProperty("name").GetString() == convolution);
        Assert.Equal("floating point", convolutions.GetProperty("computesWith").GetString());
        Assert.Equal(1, convolutions.GetProperty("count").GetInt32());
    }

    [Fact]
    public void Prints_operators_and_the_slowest_nodes_for_people()
    {
        string output = Cli.Run("profile", _folder.WriteClassifier(), "--runs", "2", "--top", "1").Succeeds().Output;
        Assert.Contains("median of 2", output, StringComparison.Ordinal);
        Assert.Matches(@"operator +nodes +time +share +computes with", output);
        Assert.Matches(@"node +operator +time +share", output);
        Assert.Matches(@"and \d+ more \(see --top\)", output);
    }

    [Fact]
    public void Refuses_what_it_cannot_run()
    {
        Cli.Run("profile", _folder.Write("bad.onnx", [1, 2, 3])).Refuses("OM1002", "bad.onnx");
        Assert.Equal(2, Cli.Run("profile", "model.onnx", "--runs", "0").ExitCode);
    }
}
