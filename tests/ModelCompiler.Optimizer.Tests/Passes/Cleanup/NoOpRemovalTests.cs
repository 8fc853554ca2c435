using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class NoOpRemovalTests
{
    private static readonly NoOpRemoval Pass = new();

    private static Model Build(Func<GraphBuilder, Value, Value> body, long opset = 17, params ReadOnlySpan<Dim> dims)
    {
        var b = new GraphBuilder(opset);
        Value x = b.Input("x", dims.Length == 0 ? [1, 2, 4, 4] : dims);
        return b.Output("y", b.Op("Neg", body(b, b.Op("Abs", x)))).Model;
    }

    /// <summary>ONNX Runtime finds a layer normalization by all of its pieces.</summary>
    [Fact]
    public void Leaves_the_scale_of_a_layer_normalization_in_pieces()
    {
        BitExact.LeavesAlone(Pass, Build(
            (b, x) =>
            {
                Value Mean(Value of) => b.Op("ReduceMean", [of], new NodeAttribute("axes", [-1L]));
                Value centered = b.Op("Sub", x, Mean(x)), power = b.Op("Add", Mean(b.Op("Pow", centered, b.Scalar(2f))), b.Scalar(1e-5f));
                return b.Op("Mul", b.Op("Div", centered, b.Op("Sqrt", power)), b.Constant([1f, 1f, 1f, 1f]));
            },
            opset: 16));
    }

    public static TheoryData<string> Movements =>
    [
        "Cast", "CastLike", "Reshape", "ReshapeByZeros", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile", "Transpose", "TransposeOnes", "Slice", "SliceBeyond", "Pad",
        "PadReflect", "Split", "Concat", "Max", "Min", "Sum", "Mean", "DepthToSpace", "SpaceToDepth", "ResizeScales", "ResizeLinear", "ResizeSizes", "ReduceSum",
    ];

    [Theory]
    [MemberData(nameof(Movements))]
    public void Removes_movements_that_move_nothing(string what)
    {
        BitExact.Rewrites(Pass, () => Build((b, x) => what switch
        {
            "Cast" => b.Op("Cast", [x], new NodeAttribute("to", 1L)),
            "CastLike" => b.Op("CastLike", x, b.Scalar(1f)),
            "Reshape" => b.Op("Reshape", x, b.Constant([1L, 2, -1, 4])),
            "ReshapeByZeros" => b.Op("Reshape", x, b.Constant([0L, 0, 0, 0])),
            "Flatten" => b.Op("Flatten", [b.Op("Reshape", x, b.Constant([4L, 8]))]),
            "Squeeze" => b.Op("Squeeze", b.Op("Reshape", x, b.Constant([4L, 8]))),
            "Unsqueeze" => b.Op("Unsqueeze", x, b.Constant(Array.Empty<long>(), 0)),
            "Expand" => b.Op("Expand", x, b.Constant([2L, 1, 4])),
            "Tile" => b.Op("Tile", x, b.Constant([1L, 1, 1, 1])),
            "Transpose" => b.Op("Transpose", [x], new NodeAttribute("perm", [0L, 1, 2, 3])),
            "TransposeOnes" => b.Op("Transpose", [b.Op("Reshape", x, b.Constant([1L, 1, 32]))], new NodeAttribute("perm", [1L, 0, 2])),
            "Slice" => b.Op("Slice", x, b.Constant([0L]), b.Constant([4L]), b.Constant([-1L])),
            "SliceBeyond" => b.Op("Slice", x, b.Constant([-9L, 0]), b.Constant([long.MaxValue, 9]), b.Constant([2L, 3]), b.Constant([1L, 1])),
            "Pad" => b.Op("Pad", x, b.Constant(new long[8])),
            "PadReflect" => b.Op("Pad", [x, b.Constant(new long[8])], new NodeAttribute("mode", "reflect")),
            "Split" => b.Op("Split", [x], new NodeAttribute("axis", 1L)),
            "Concat" => b.Op("Concat", [x], new NodeAttribute("axis", 1L)),
            "DepthToSpace" or "SpaceToDepth" => b.Op(what, [x], new NodeAttribute("blocksize", 1L)),
            "ResizeScales" => b.Op("Resize", x, null, b.Constant([1f, 1f, 1f, 1f])),
            "ResizeLinear" => b.Op("Resize", [x, null, b.Constant([1f, 1f, 1f, 1f])], new("mode", "linear"), new("coordinate_transformation_mode", "align_corners")),
            "ResizeSizes" => b.Op("Resize", x, null, null, b.Constant([1L, 2, 4, 4])),
            "ReduceSum" => b.Op("ReduceSum", [x], new NodeAttribute("noop_with_empty_axes", 1L)),
            _ => b.Op(what, x),
        }), what is "Flatten" or "Squeeze" or "TransposeOnes" ? ["Abs", "Reshape", "Neg"] : ["Abs", "Neg"]);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    public void Removes_movements_of_old_operator_sets(long opset)
    {
        BitExact.Rewrites(Pass, () => Build((b, x) =>
        {
            x = b.Op("Slice", [x], new("starts", [0L]), new("ends", [99L]), new("axes", [2L]));
            x = b.Op("Pad", [x], new NodeAttribute("pads", new long[8]));
            return opset < 9 ? b.Op("Upsample", [x], new NodeAttribute("scales", [1f, 1f, 1f, 1f])) : b.Op("Upsample", x, b.Constant([1f, 1f, 1f, 1f]));
        }, opset), "Abs", "Neg");
    }

    public static TheoryData<string> Moving =>
        ["Cast", "Reshape", "Flatten", "Expand", "Tile", "Transpose", "Slice", "SliceBackward", "Pad", "Concat", "ResizeScales", "ResizeCrop", "ResizeFloor", "ReduceSum", "Split"];

    [Theory]
    [MemberData(nameof(Moving))]
    public void Leaves_movements_that_move_something(string what)
    {
        BitExact.LeavesAlone(Pass, Build((b, x) => what switch
        {
            "Cast" => b.Op("Cast", [x], new NodeAttribute("to", (long)ElementType.Double)),
            "Reshape" => b.Op("Reshape", x, b.Constant([1L, 2, 16])),
            "Flatten" => b.Op("Flatten", [x]),
            "Expand" => b.Op("Expand", x, b.Constant([3L, 2, 4, 4])),
            "Tile" => b.Op("Tile", x, b.Constant([1L, 1, 1, 2])),
            "Transpose" => b.Op("Transpose", [x], new NodeAttribute("perm", [0L, 1, 3, 2])),
            "Slice" => b.Op("Slice", x, b.Constant([1L]), b.Constant([4L]), b.Constant([2L])),
            "SliceBackward" => b.Op("Slice", x, b.Constant([-1L]), b.Constant([long.MinValue]), b.Constant([2L]), b.Constant([-1L])),
            "Pad" => b.Op("Pad", x, b.Constant([0L, 0, 0, 1, 0, 0, 0, -1])),
            "Concat" => b.Op("Concat", [x, x], new NodeAttribute("axis", 1L)),
            "ResizeScales" => b.Op("Resize", x, null, b.Constant([1f, 1f, 2f, 1f])),
            "ResizeCrop" => b.Op("Resize", [x, b.Constant([0f, 0, 0, 0, 1, 1, .5f, .5f]), b.Constant([1f, 1f, 1f, 1f])], new NodeAttribute("coordinate_transformation_mode", "tf_crop_and_resize")),
            "ResizeFloor" => b.Op("Resize", x, null, b.Constant([1f, 1f, 1.1f, 1f])),
            "ReduceSum" => b.Op("ReduceSum", [x, b.Constant([0L])], new NodeAttribute("noop_with_empty_axes", 1L)),
            _ => b.Node("Split", [x], 2, "", new NodeAttribute("axis", 1L)).Outputs[0],
        }));
    }

    [Theory]
    [InlineData("Add", -0f, true)]
    [InlineData("Add", -0f, false)]
    [InlineData("Sub", 0f, true)]
    [InlineData("Mul", 1f, true)]
    [InlineData("Mul", 1f, false)]
    [InlineData("Div", 1f, true)]
    [InlineData("Pow", 1f, true)]
    public void Removes_arithmetic_with_a_neutral_constant(string op, float constant, bool isSecond)
    {
        BitExact.Rewrites(Pass, () => Build((b, x) =>
        {
            Value c = b.Scalar(constant);
            return isSecond ? b.Op(op, x, c) : b.Op(op, c, x);
        }, 17, 1, 16), "Abs", "Neg");
    }

    [Theory]
    [InlineData("Add", 0f)]
    [InlineData("Sub", -0f)]
    public void Keeps_a_zero_that_turns_the_sign_of_zero(string op, float zero) =>
        GraphAssert.Refuses(Pass, Build((b, x) => b.Op(op, x, b.Scalar(zero))), "+0 added to -0");

    [Fact]
    public void Removes_an_added_zero_whose_sign_nobody_sees()
    {
        BitExact.Rewrites(Pass, () => Build((b, x) => b.Op("MatMul", b.Op("Reshape", b.Op("Add", x, b.Scalar(0f)), b.Constant([-1L, 4])), b.Weights(1, 4, 3))), "Abs", "Reshape", "MatMul", "Neg");
    }

    [Fact]
    public void Removes_a_zero_added_to_integers()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            return b.Output("y", b.Op("Neg", b.Op("Add", b.Constant([0L, 0]), b.Op("Abs", b.Input("x", ElementType.Int64, 3, 2))))).Model;
        }, "Abs", "Neg");
    }

    [Theory]
    [InlineData("Mul", 0f)]
    [InlineData("Mul", float.NaN)]
    [InlineData("Div", -1f)]
    [InlineData("Add", 1e-45f)]
    public void Leaves_arithmetic_that_changes_something(string op, float constant) => BitExact.LeavesAlone(Pass, Build((b, x) => b.Op(op, x, b.Scalar(constant))));

    [Fact]
    public void Leaves_a_constant_on_the_side_that_counts()
    {
        BitExact.LeavesAlone(Pass, Build((b, x) => b.Op("Div", b.Scalar(1f), x)));
        BitExact.LeavesAlone(Pass, Build((b, x) => b.Op("Sub", b.Scalar(0f), x)));
        BitExact.LeavesAlone(Pass, Build((b, x) => b.Op("Pow", b.Scalar(1f), x)));
    }

    public static TheoryData<long[]> Broadcasts => new() { new long[] { 1, 1, 1, 1 }, new long[] { 5, 4 }, new long[] { 1, 1, 4 } };

    [Theory]
    [MemberData(nameof(Broadcasts))]
    public void Leaves_a_neutral_constant_that_makes_the_shape_larger(long[] dims)
    {
        long count = dims.Aggregate((a, b) => a * b);
        BitExact.LeavesAlone(Pass, Build((b, x) => b.Op("Mul", x, b.Constant(Enumerable.Repeat(1f, (int)count).ToArray(), dims)), 17, 1, 4));
    }

    [Fact]
    public void Removes_a_neutral_constant_of_the_same_shape_though_dimensions_are_open()
    {
        BitExact.Rewrites(Pass, () => Build((b, x) => b.Op("Mul", x, b.Constant([1f, 1f], 1, 2)), 17, Dim.Named("batch"), 2), "Abs", "Neg");
        BitExact.LeavesAlone(Pass, Build((b, x) => b.Op("Mul", x, b.Constant([1f, 1f], 2, 1)), 17, Dim.Named("batch"), 2));
    }

    [Theory]
    [InlineData("And", true)]
    [InlineData("Or", false)]
    [InlineData("Xor", false)]
    public void Removes_logic_with_a_neutral_constant(string op, bool constant)
    {
        BitExact.Rewrites(Pass, () => Logic(op, constant), "Not", "Not");
        BitExact.LeavesAlone(Pass, Logic(op, !constant));
    }

    private static Model Logic(string op, bool constant)
    {
        var b = new GraphBuilder();
        Value x = b.Op("Not", b.Input("x", ElementType.Bool, 5));
        return b.Output("y", b.Op("Not", b.Op(op, x, b.Scalar(constant)))).Model;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Removes_a_selection_that_always_selects_the_same(bool condition)
    {
        BitExact.Rewrites(Pass, () => Build((b, x) =>
        {
            Value c = b.Constant([condition, condition, condition, condition]);
            return condition ? b.Op("Where", c, x, b.Scalar(7f)) : b.Op("Where", c, b.Scalar(7f), x);
        }), "Abs", "Neg");
    }

    [Fact]
    public void Keeps_the_name_of_an_output()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            return b.Output("y", b.Op("Mul", b.Input("x", 4), b.Scalar(1f))).Model;
        }, "Identity");
        Assert.Equal("y", model.Graph.Outputs.Single().Name);
    }

    [Fact]
    public void Works_in_subgraphs_on_captured_values()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2), one = b.Scalar(1f);
        Graph Branch(string name) => b.Subgraph(name, inner => inner.Output(name, inner.Op("Neg", inner.Op("Mul", x, one))));
        b.Output("y", b.Op("If", [b.Input("flag", ElementType.Bool)], new("then_branch", Branch("a")), new("else_branch", Branch("b"))));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(0, b.Graph.Count("Mul"));
    }

    [Fact]
    public void Leaves_operators_of_other_domains()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Node("Mul", [b.Input("x", 2), b.Scalar(1f)], 1, "custom").Output);
        BitExact.LeavesAlone(Pass, b.Model);
    }
}
