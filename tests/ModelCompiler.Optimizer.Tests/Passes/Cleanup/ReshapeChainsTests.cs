using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class ReshapeChainsTests
{
    private static readonly ReshapeChains Pass = new();

    private static Value Step(GraphBuilder b, Value x, string op, params long[] numbers) =>
        op == "Flatten" ? b.Op(op, [x], new NodeAttribute("axis", numbers[0])) : b.Op(op, x, b.Constant(numbers));

    private static void Merges(Func<GraphBuilder, Value, Value> chain, long[]? target, params Dim[] dims)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            return b.Output("y", b.Op("Neg", chain(b, b.Op("Abs", b.Input("x", dims))))).Model;
        }
        Model model = Build();
        GraphAssert.Apply(Pass, model);
        GraphAssert.SecondRunChangesNothing(Pass, model);
        GraphAssert.Apply(new DeadCode(), model);
        Assert.Equal(["Abs", "Reshape", "Neg"], model.Graph.Operators());
        Node reshape = model.Graph.Nodes.First!.Next!;
        if (target is not null) Assert.Equal(target, reshape.Constant(1)!.AsSpan<long>().ToArray());
        BitExact.SameAnswers(Build(), model);
    }

    [Fact]
    public void Merges_reshapes_to_numbers() => Merges((b, x) => Step(b, Step(b, x, "Reshape", 6, 4), "Reshape", 2, -1, 3), [2, -1, 3], 2, 3, 4);

    [Fact]
    public void Merges_a_reshape_that_copies_dimensions() => Merges((b, x) => Step(b, Step(b, x, "Reshape", 6, 4), "Reshape", 0, 2, 2), [6, 2, 2], 2, 3, 4);

    [Fact]
    public void Merges_flatten_squeeze_and_unsqueeze() =>
        Merges((b, x) => Step(b, Step(b, Step(b, x, "Flatten", 2), "Unsqueeze", 0, 3), "Squeeze", 0), [6, 4, 1], 2, 3, 4);

    [Fact]
    public void Merges_with_one_open_dimension() => Merges((b, x) => Step(b, Step(b, x, "Flatten", 1), "Unsqueeze", 1), [0, 1, 12], Dim.Named("n"), 3, 4);

    [Fact]
    public void Leaves_one_dimension_to_the_rest() => Merges((b, x) => Step(b, Step(b, x, "Unsqueeze", 0), "Flatten", 3), [-1, 4], Dim.Named("n"), 3, 4);

    [Fact]
    public void Merges_what_stays_in_place_among_several_open_dimensions() =>
        Merges((b, x) => Step(b, Step(b, x, "Unsqueeze", 0), "Squeeze", 0), [0, 0, 4], Dim.Named("n"), Dim.Named("m"), 4);

    [Fact]
    public void Refuses_what_a_constant_cannot_say()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), Dim.Named("m"), 4);
        b.Output("y", Step(b, Step(b, x, "Unsqueeze", 0), "Unsqueeze", 2));
        GraphAssert.Refuses(Pass, b.Model, "more than one dimension");
    }

    /// <summary>−1 cannot be worked out where a copied dimension is 0 at run time.</summary>
    [Fact]
    public void Does_not_leave_a_dimension_open_beside_one_that_may_be_empty()
    {
        Assert.Null(Shapes.ReshapeTarget(new Shape(Dim.Named("n"), Dim.Named("m"), 4), new Shape(Dim.Named("n"), Dim.Named("k"))));
        Assert.Equal([0L, 4], Shapes.ReshapeTarget(new Shape(Dim.Named("n"), 2, 2), new Shape(Dim.Named("n"), 4))!);
        Assert.Null(Shapes.ReshapeTarget(new Shape(0, 4), new Shape(4, 0)));
    }

    [Fact]
    public void Keeps_the_inner_value_where_it_is_read_elsewhere()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value inner = Step(b, b.Input("x", 2, 3, 4), "Reshape", 6, 4);
            return b.Output("inner", inner).Output("y", Step(b, inner, "Reshape", 24)).Model;
        }
        BitExact.Rewrites(Pass, Build, "Reshape", "Reshape");
    }
}
