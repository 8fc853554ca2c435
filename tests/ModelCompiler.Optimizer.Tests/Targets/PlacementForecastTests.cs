using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Targets;

public class PlacementForecastTests
{
    [Fact]
    public void Each_provider_has_a_profile_of_its_own_that_computes_in_float()
    {
        TargetProfile[] profiles = [.. Enum.GetValues<ExecutionProvider>().Select(provider => ProviderTargets.Of(provider))];

        Assert.Equal(profiles.Length, profiles.Distinct().Count());
        Assert.All(profiles, profile => Assert.Contains(Precision.Float32, profile.Precisions));
        Assert.All(profiles, profile => Assert.True(profile.Operators is null || profile.Operators.Contains("Conv"), profile.Name));
    }

    [Fact]
    public void Nodes_are_grouped_by_operator_with_what_would_help()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 2);
        b.Output("a", b.Op("Det", [x])).Output("b", b.Op("Det", [b.Op("Relu", [x])])).Output("c", b.Op("Unique", [x]));
        b.Model.InferTypes();

        IReadOnlyList<UnsupportedOperator> unsupported = PlacementForecast.Of(b.Graph, ProviderTargets.Of(ExecutionProvider.Cuda));

        Assert.Equal([("Det", 2), ("Unique", 1)], unsupported.Select(u => (u.Operator, u.Nodes.Count)));
        Assert.Contains("Outputs", unsupported[0].Reason, StringComparison.Ordinal);
        Assert.Empty(PlacementForecast.Of(b.Graph, ProviderTargets.Of(ExecutionProvider.Cpu)));
    }

    [Fact]
    public void Open_dimensions_are_named_where_the_provider_needs_fixed_ones()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Relu", [b.Input("x", Dim.Named("n"), 2)]));
        b.Model.InferTypes();

        Assert.Contains("Dimensions", Assert.Single(PlacementForecast.Of(b.Graph, ProviderTargets.Of(ExecutionProvider.Qnn))).Reason, StringComparison.Ordinal);
        Assert.Empty(PlacementForecast.Of(b.Graph, ProviderTargets.Of(ExecutionProvider.WebGpu)));
    }

    [Fact]
    public void What_only_sizes_feed_computes_shapes()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), 6), indices = b.Input("i", ElementType.Int64, 1);
        Value size = b.Op("Shape", [x]);
        Value ofSizes = b.Op("Gather", [size, b.Constant([0L])]);
        Value ofData = b.Op("Gather", [size, indices]);
        Value range = b.Op("Add", [ofSizes, b.Constant([1L])]);
        b.Output("a", range).Output("b", ofData).Output("c", b.Op("Relu", [x]));

        Assert.Equal(["Shape", "Gather", "Add"], ShapeNodes.Of(b.Graph).Select(node => node.OpType));
        Assert.DoesNotContain(ofData.Producer, ShapeNodes.Of(b.Graph));
    }
}
