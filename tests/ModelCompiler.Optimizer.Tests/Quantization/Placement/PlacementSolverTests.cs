using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Placement;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Placement;

/// <summary>Three convolutions in a row, the second with a Relu.</summary>
public class PlacementSolverTests
{
    [Fact]
    public void A_slow_node_goes_to_float_where_it_gains_more_than_both_conversions_cost() =>
        Assert.Equal(["Conv_1", "Relu_2"], InFloat([1, 50, 1], price: 9));

    [Fact]
    public void A_slow_node_stays_where_the_conversions_cost_more() =>
        Assert.Empty(InFloat([1, 50, 1], price: 11));

    [Fact]
    public void Where_every_node_is_slower_all_go() =>
        Assert.Equal(["Conv_0", "Conv_1", "Relu_2", "Conv_3"], InFloat([31, 50, 32], price: 1));

    [Fact]
    public void The_first_node_pays_for_its_input_anyway() =>
        // Conversions stand before or behind it; its gain alone decides.
        Assert.Equal(["Conv_0"], InFloat([31, 20, 5], price: 10, output: 0));

    [Theory]
    // Everything on integers pays for what comes in and goes out, everything in float for nothing, the second alone in float for all four tensors.
    [InlineData("", 1 + 50 + 2 + 2 * 9)]
    [InlineData("Conv_0 Conv_1 Relu_2 Conv_3", 90)]
    [InlineData("Conv_1 Relu_2", 1 + 30 + 2 + 4 * 9)]
    public void Tells_what_a_division_takes(string inFloat, double microseconds) =>
        Assert.Equal(microseconds, Solver([1, 50, 2], 9).Microseconds(node => inFloat.Split(' ').Contains(node.Name)));

    private static string[] InFloat(double[] integers, double price, double? output = null) => [.. Solver(integers, price, output).InFloat().Select(node => node.Name)];

    /// <summary>Each takes 30 in floating point.</summary>
    private static PlacementSolver Solver(double[] integers, double price, double? output = null)
    {
        var b = new GraphBuilder();
        Value x = b.Op("Conv", b.Input("x", 1, 4, 8, 8), b.Weights(1, 4, 4, 1, 1));
        Value r = b.Op("Relu", b.Op("Conv", x, b.Weights(2, 4, 4, 1, 1)));
        b.Output("y", b.Op("Conv", r, b.Weights(3, 4, 4, 1, 1)));
        b.Model.InferTypes();
        Node[] products = [.. b.Graph.Nodes.Where(node => node.Is("Conv"))];
        QuantizationPlan plan = QuantizationPlanner.Plan(b.Graph, TargetProfile.CpuPortable);
        return new PlacementSolver(
            plan,
            node => Array.IndexOf(products, node) is >= 0 and int i ? new NodeCost(30, integers[i]) : default,
            value => value.IsOutput ? output ?? price : price);
    }
}
