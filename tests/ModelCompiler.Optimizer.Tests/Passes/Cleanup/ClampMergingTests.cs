using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class ClampMergingTests
{
    private const float Open = float.NaN;

    private static readonly ClampMerging Pass = new();

    private static Value Clip(GraphBuilder b, Value x, float low, float high) =>
        b.Op("Clip", x, float.IsNaN(low) ? null : b.Scalar(low), float.IsNaN(high) ? null : b.Scalar(high));

    private static Model Build(Func<GraphBuilder, Value, Value> body, long length)
    {
        var b = new GraphBuilder();
        return b.Output("y", body(b, b.Input("x", length))).Model;
    }

    /// <summary>Lengths that take the vector and the scalar paths of the kernels.</summary>
    private static void Merges(Func<GraphBuilder, Value, Value> body, params string[] operators)
    {
        foreach (long length in new long[] { 1, 16, 67 }) BitExact.Rewrites(Pass, () => Build(body, length), operators);
    }

    [Theory]
    [InlineData(0, 6, 1, 3)]
    [InlineData(0, 6, -1, 8)]
    [InlineData(0, 2, 1, 3)]
    [InlineData(0, 1, 2, 3)]
    [InlineData(2, 3, 0, 1)]
    [InlineData(0, 1, 1, 2)]
    [InlineData(-1, Open, Open, 1)]
    [InlineData(Open, 1, -1, Open)]
    [InlineData(5, 3, 0, 9)]
    [InlineData(0, 9, 5, 3)]
    [InlineData(-2.5f, 2.5f, -0.5f, 0.5f)]
    public void Merges_clips(float low1, float high1, float low2, float high2)
    {
        foreach (long length in new long[] { 1, 16, 67 })
        {
            Model Make() => Build((b, x) => Clip(b, Clip(b, x, low1, high1), low2, high2), length);
            Model model = Make();
            Assert.NotEqual(0, GraphAssert.Apply(Pass, model).ChangeCount);
            Assert.Single(model.Graph.Nodes);
            GraphAssert.SecondRunChangesNothing(Pass, model);
            BitExact.SameAnswers(Make(), model, what: $"length {length}:");
        }
    }

    [Fact]
    public void Disjoint_ranges_give_the_nearer_bound_of_the_second()
    {
        Model model = Build((b, x) => Clip(b, Clip(b, x, 0, 1), 2, 3), 4);
        GraphAssert.Apply(Pass, model);
        var feeds = new Dictionary<string, Tensor> { ["x"] = Tensor.Vector(-5f, 0.5f, 2.5f, 9f) };
        Assert.Equal([2f, 2f, 2f, 2f], BitExact.Run(model, feeds)[0].Floats());
    }

    [Fact]
    public void Merges_relu_with_relu() => Merges((b, x) => b.Op("Relu", b.Op("Relu", b.Op("Relu", x))), "Relu");

    [Fact]
    public void Merges_relu_then_clip() => Merges((b, x) => Clip(b, b.Op("Relu", x), 0, 6), "Clip");

    [Fact]
    public void Merges_clip_then_relu() => Merges((b, x) => b.Op("Relu", Clip(b, x, -3, 6)), "Clip");

    [Fact]
    public void Drops_a_relu_after_a_clip_that_is_not_negative() => Merges((b, x) => b.Op("Relu", Clip(b, x, 0, 6)), "Clip");

    [Fact]
    public void An_open_clip_ends_at_the_largest_number() => Merges((b, x) => b.Op("Relu", Clip(b, x, -3, Open)), "Clip");

    [Fact]
    public void Keeps_a_clip_without_bounds_that_makes_numbers_of_infinities() => BitExact.LeavesAlone(Pass, Build((b, x) => b.Op("Clip", x), 16));

    [Fact]
    public void Merges_integers()
    {
        Model Make()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Clip", b.Input("x", ElementType.Int8, 40), b.Scalar((sbyte)-100), b.Scalar((sbyte)100));
            return b.Output("y", b.Op("Clip", x, b.Scalar((sbyte)-5), b.Scalar((sbyte)120))).Model;
        }
        BitExact.Rewrites(Pass, Make, "Clip");
    }

    [Fact]
    public void Refuses_where_the_first_is_read_elsewhere()
    {
        var b = new GraphBuilder();
        Value first = Clip(b, b.Input("x", 4), 0, 6);
        b.Output("first", first).Output("y", Clip(b, first, 1, 5));
        GraphAssert.Refuses(Pass, b.Model, "read elsewhere");
    }

    [Fact]
    public void Refuses_where_the_sign_of_zero_is_open()
    {
        GraphAssert.Refuses(Pass, Build((b, x) => b.Op("Relu", Clip(b, x, -1, 0)), 4), "which zero");
        GraphAssert.Refuses(Pass, Build((b, x) => Clip(b, Clip(b, x, 0, 5), -3, 0), 4), "which zero");
        GraphAssert.Refuses(Pass, Build((b, x) => b.Op("Relu", Clip(b, x, -0f, 5)), 4), "not constant");
    }

    [Fact]
    public void Refuses_bounds_that_are_computed_or_no_number()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Relu", b.Op("Clip", b.Input("x", 4), b.Input("low", ElementType.Float))));
        GraphAssert.Refuses(Pass, b.Model, "not constant");

        b = new GraphBuilder();
        b.Output("y", b.Op("Relu", b.Op("Clip", b.Input("x", 4), b.Scalar(float.NaN))));
        GraphAssert.Refuses(Pass, b.Model, "not constant");
    }
}
