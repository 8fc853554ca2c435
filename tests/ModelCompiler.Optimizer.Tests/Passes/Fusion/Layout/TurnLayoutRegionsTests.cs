using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Passes.Fusion.Layout;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Layout;

public sealed class TurnLayoutRegionsTests
{
    private static readonly TurnLayoutRegions Pass = new();

    [Fact]
    public void Takes_transpositions_out_of_a_channels_last_chain()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = ToLast(b, Conv(b, b.Input("x", 1, 4, 7, 7)));
            x = b.Op("Mul", b.Op("Relu", b.Op("Add", x, b.Weights(2, 4))), b.Weights(3, 1, 1, 1, 4));
            x = b.Op("Sub", b.Scalar(1f), b.Op("Clip", x, null, b.Scalar(6f)));
            return b.Output("y", Conv(b, ToFirst(b, x))).Model;
        }
        Model model = FusionAssert.Fuses(Pass, Build, "Conv", "Add", "Relu", "Mul", "Clip", "Sub", "Transpose", "Conv");
        // The last one permutes nothing any more; removing it is cleaning.
        Assert.Equal([0L, 1, 2, 3], model.Graph.Nodes.Single(n => n.OpType == "Transpose").Attributes.GetInts("perm")!);
    }

    [Fact]
    public void Takes_transpositions_out_of_a_residual_network()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = ToLast(b, Conv(b, b.Input("x", Dim.Named("n"), 4, 7, 7)));
            for (int i = 0; i < 2; i++) x = b.Op("Relu", b.Op("Add", x, ToLast(b, Conv(b, ToFirst(b, x)))));
            return b.Output("y", Conv(b, ToFirst(b, x))).Model;
        }
        Model model = Build();
        // Pairs without anything between them are cleaned, not turned.
        var pipeline = new PassPipeline(new PassStage("layout", [new TransposeChains(), new NoOpRemoval(), new TurnLayoutRegions()]));
        pipeline.Run(new PassContext(model, TargetProfile.CpuPortable), TestContext.Current.CancellationToken);
        Assert.Equal(["Conv", "Conv", "Add", "Relu", "Conv", "Add", "Relu", "Conv"], model.Graph.Operators());
        SameAnswers.Assert(Build(), model);
    }

    [Fact]
    public void Renames_the_axes_that_nodes_name()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = ToLast(b, Conv(b, b.Input("x", 2, 4, 6, 6)));
            Value gate = b.Op("Sigmoid", b.Op("ReduceMean", [x], new NodeAttribute("axes", [1L, -2])));
            Node split = b.Node("Split", [b.Op("Mul", x, gate), b.Constant([1L, 3])], 2, "", new NodeAttribute("axis", 3L));
            x = b.Op("Concat", [split.Outputs[1], split.Outputs[0], x], new NodeAttribute("axis", -1L));
            x = b.Op("Softmax", [b.Op("Pad", x, b.Constant([0L, 1, 0, 0, 0, 0, 2, 0]))], new NodeAttribute("axis", -1L));
            return b.Output("y", b.Op("Relu", ToFirst(b, x))).Model;
        }
        Model model = FusionAssert.Fuses(Pass, Build, "Conv", "ReduceMean", "Sigmoid", "Mul", "Split", "Concat", "Pad", "Softmax", "Transpose", "Relu");
        Assert.Equal(1, model.Graph.Nodes.Single(n => n.OpType == "Concat").Attributes["axis"].Int);
    }

    [Fact]
    public void Ends_in_a_pooling_that_drops_the_image()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Relu", ToLast(b, Conv(b, b.Input("x", 2, 4, 6, 6))));
            return b.Output("y", b.Op("ReduceMean", [x], new("axes", [1L, 2]), new("keepdims", 0L))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Conv", "Relu", "ReduceMean");
    }

    [Fact]
    public void Puts_a_transposition_where_the_old_layout_is_wanted()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Relu", b.Op("Add", ToLast(b, b.Input("x", 1, 4, 7, 7)), ToLast(b, b.Input("z", 1, 4, 7, 7))));
            return b.Output("last", x).Output("first", b.Op("Neg", ToFirst(b, x))).Model;
        }
        FusionAssert.Fuses(Pass, Build, "Add", "Relu", "Transpose", "Transpose", "Neg");
    }

    [Fact]
    public void Refuses_where_nothing_is_saved()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Add", b.Op("Relu", ToLast(b, b.Input("x", 1, 4, 7, 7))), b.Input("z", 1, 7, 7, 4)));
        FusionAssert.Refuses(Pass, b.Model, "as many transpositions elsewhere");
    }

    /// <summary>As a mixer of patches has them, exported before there was an operator for it: over the last axis it is one kernel, over another ten.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Keeps_normalizations_over_the_last_axis(bool isCentered)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Relu", ToLast(b, b.Input("x", 1, 4, 7, 7)));
            Value y = isCentered ? b.Op("Sub", x, Mean(b, x)) : x;
            y = b.Op("Div", y, b.Op("Sqrt", b.Op("Add", Mean(b, b.Op("Mul", y, y)), b.Scalar(1e-5f))));
            return b.Output("y", b.Op("Relu", ToFirst(b, b.Op("Add", b.Op("Mul", y, b.Weights(2, 4)), b.Weights(3, 4))))).Model;
        }
        Model model = Build();
        new PassPipeline(new PassStage("layout", [Pass])).Run(new PassContext(model, TargetProfile.CpuPortable), TestContext.Current.CancellationToken);
        Assert.All(model.Graph.Nodes.Where(n => n.OpType == "ReduceMean"), mean => Assert.Equal([-1L], mean.Attributes.GetInts("axes")!));
        SameAnswers.Assert(Build(), model);
    }

    /// <summary>A normalization of channels comes to lie over the last axes.</summary>
    [Fact]
    public void Turns_normalizations_that_become_ones_over_the_last_axis()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value x = b.Op("Relu", ToFirst(b, b.Input("x", 1, 7, 7, 4)));
            Value centered = b.Op("Sub", x, Mean(b, x, 1));
            Value y = b.Op("Div", centered, b.Op("Sqrt", b.Op("Add", Mean(b, b.Op("Mul", centered, centered), 1), b.Scalar(1e-5f))));
            return b.Output("y", b.Op("Relu", ToLast(b, y))).Model;
        }
        Model model = FusionAssert.Fuses(Pass, Build, "Relu", "ReduceMean", "Sub", "Mul", "ReduceMean", "Add", "Sqrt", "Div", "Transpose", "Relu");
        Assert.All(model.Graph.Nodes.Where(n => n.OpType == "ReduceMean"), mean => Assert.Equal([3L], mean.Attributes.GetInts("axes")!));
    }

    [Fact]
    public void Leaves_nodes_alone_that_depend_on_the_layout()
    {
        var b = new GraphBuilder();
        Value x = ToLast(b, b.Input("x", 1, 4, 7, 7));
        b.Output("flat", b.Op("Reshape", x, b.Constant([1L, -1]))).Output("shape", b.Op("Shape", x)).Output("vector", b.Op("Add", x, b.Input("v", 4)));
        FusionAssert.LeavesAlone(Pass, b.Model);
    }

    [Theory]
    [InlineData(ElementType.Float)]
    [InlineData(ElementType.UInt8)]
    [InlineData(ElementType.Double)]
    public void Transposes_constants_of_any_width(ElementType type)
    {
        Tensor tensor = TestTensors.Random(type, 3, 2, 3, 4);
        Tensor turned = TransposedTensor.Of(tensor, [2, 0, 1]);
        Assert.Equal([4L, 2, 3], turned.Dims.ToArray());
        int size = type.BitWidth() / 8;
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++)
                for (int k = 0; k < 4; k++)
                    Assert.Equal(tensor.Bytes.Slice(((i * 3 + j) * 4 + k) * size, size).ToArray(), turned.Bytes.Slice(((k * 2 + i) * 3 + j) * size, size).ToArray());
    }

    private static Value Conv(GraphBuilder b, Value x) => b.Op("Conv", [x, b.Weights(1, 4, 4, 3, 3)], new NodeAttribute("pads", [1L, 1, 1, 1]));

    private static Value Mean(GraphBuilder b, Value x, long axis = -1) => b.Op("ReduceMean", [x], new NodeAttribute("axes", [axis]));

    private static Value ToLast(GraphBuilder b, Value x) => b.Op("Transpose", [x], new NodeAttribute("perm", [0L, 2, 3, 1]));

    private static Value ToFirst(GraphBuilder b, Value x) => b.Op("Transpose", [x], new NodeAttribute("perm", [0L, 3, 1, 2]));
}
