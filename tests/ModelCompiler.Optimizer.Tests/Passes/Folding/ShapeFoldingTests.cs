using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Folding;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Folding;

public sealed class ShapeFoldingTests
{
    private static readonly ShapeFolding Pass = new();

    [Fact]
    public void Folds_the_shape_of_a_computed_tensor()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Op("Exp", b.Input("x", 2, 3));
            return b.Output("y", b.Op("Reshape", x, b.Op("Shape", b.Op("Transpose", x)))).Model;
        }, "Exp", "Reshape");
    }

    [Fact]
    public void Folds_the_known_part_of_an_open_shape()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", Dim.Named("n"), 3, 4);
            Value last = b.Op("Gather", b.Op("Shape", x), b.Constant([2L]));
            return b.Output("y", b.Op("ConstantOfShape", b.Op("Mul", last, b.Constant([2L])))).Output("z", b.Op("Neg", x)).Model;
        }, "ConstantOfShape", "Neg");
    }

    /// <summary>The way in which PyTorch splits attention heads.</summary>
    [Fact]
    public void Gives_a_reshape_to_a_computed_shape_a_constant_one()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Op("Neg", b.Input("x", Dim.Named("batch"), Dim.Named("sequence"), 12)), shape = b.Op("Shape", x);
            Value Size(long axis) => b.Op("Unsqueeze", b.Op("Gather", shape, b.Scalar(axis)), b.Constant([0L]));
            Value target = b.Op("Concat", [Size(0), Size(1), b.Constant([3L]), b.Constant([4L])], new NodeAttribute("axis", 0L));
            return b.Output("y", b.Op("Reshape", x, target)).Model;
        }, "Neg", "Reshape");
        Assert.Equal([0L, 0, 3, 4], model.Graph.Nodes.Last!.Constant(1)!.AsSpan<long>().ToArray());
    }

    [Fact]
    public void Leaves_a_reshape_that_a_constant_cannot_say()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), Dim.Named("m"));
        b.Output("y", b.Op("Reshape", x, b.Op("Concat", [b.Op("Slice", b.Op("Shape", x), b.Constant([1L]), b.Constant([2L])), b.Op("Slice", b.Op("Shape", x), b.Constant([0L]), b.Constant([1L]))], new NodeAttribute("axis", 0L))));
        GraphAssert.Refuses(Pass, b.Model, "more than one dimension");
    }

    [Fact]
    public void Folds_conditions_on_shapes_and_sizes()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2, 3);
            Value isWide = b.Op("Equal", b.Op("Size", x), b.Scalar(6L));
            return b.Output("y", b.Op("Where", isWide, x, b.Op("Neg", x))).Model;
        }, "Neg", "Where");
    }

    [Fact]
    public void Keeps_the_name_of_an_output()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            return b.Output("shape", b.Op("Shape", b.Input("x", 2, 3))).Model;
        }, "Identity");
        Assert.Equal("shape", model.Graph.Outputs.Single().Name);
    }

    [Fact]
    public void Leaves_what_depends_on_data()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Shape", b.Op("NonZero", b.Input("x", 4))));
        BitExact.LeavesAlone(Pass, b.Model);
    }
}
