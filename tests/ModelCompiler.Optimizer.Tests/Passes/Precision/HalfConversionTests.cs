using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Precision;

/// <summary>The converted graphs run on the CPU, which takes them although it is slow: what they answer is what counts here.</summary>
public sealed class HalfConversionTests
{
    [Fact]
    public void Everything_between_inputs_and_outputs_is_in_float16()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Relu", b.Op("Gemm", b.Input("x", 4, 32), b.Weights(1, 32, 16), b.Weights(2, 16)));
        b.Output("y", b.Op("Cast", [b.Op("Cast", [x], new NodeAttribute("to", (long)ElementType.Int32))], new NodeAttribute("to", (long)ElementType.Float))).Output("z", x);
        Quantized half = Convert(b.Model);
        Assert.All(half.Model.Graph.Nodes.Where(node => node.OpType is "Gemm" or "Relu"), node => Assert.Equal(ElementType.Float16, node.Outputs[0].ElementType));
        Assert.Equal([ElementType.Float], half.Model.Graph.Inputs.Select(input => input.ElementType));
        Assert.All(half.Model.Graph.Outputs, output => Assert.Equal(ElementType.Float, output.ElementType));
        Assert.Equal(["y", "z"], half.Model.Graph.Outputs.Select(output => output.Name));
        Assert.DoesNotContain(half.Model.Graph.Initializers, value => value.ElementType == ElementType.Float);
        Assert.InRange(half.WorstCosine, 0.999, 1);
    }

    [Fact]
    public void Branches_that_read_outer_values_and_hand_on_constants_agree_in_type()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 4, 8), condition = b.Input("condition", ElementType.Bool), weights = b.Weights(1, 8, 8);
        Value inner = b.Op("MatMul", x, weights);
        Graph then = b.Subgraph("then", s => s.Output("t", s.Op("Add", inner, s.Weights(2, 8)))), otherwise = b.Subgraph("else", s => s.Output("e", s.Weights(3, 4, 8)));
        Value y = b.Op("If", [condition], new("then_branch", then), new("else_branch", otherwise));
        Assert.InRange(Convert(b.Output("y", b.Op("Neg", y)).Model).WorstCosine, 0.999, 1);
    }

    [Fact]
    public void A_loop_carries_float16()
    {
        var b = new GraphBuilder();
        Graph body = b.Subgraph("body", s =>
        {
            s.Input("i", ElementType.Int64);
            Value go = s.Input("go", ElementType.Bool), state = s.Input("state", 4);
            s.Output("go_on", s.Op("Identity", go)).Output("next", s.Op("Add", state, s.Constant([0.5f, 1f, 2f, -1f]))).Output("seen", s.Op("Neg", state));
        });
        Node loop = b.Node("Loop", [b.Scalar(3L), b.Scalar(true), b.Input("x", 4)], 2, "", new NodeAttribute("body", body));
        Quantized half = Convert(b.Output("y", loop.Outputs[0]).Output("all", loop.Outputs[1]).Model);
        Assert.InRange(half.WorstCosine, 0.999, 1);
        Assert.Equal(ElementType.Float16, loop.Outputs[1].ElementType == ElementType.Float16 ? ElementType.Float16 : half.Model.Graph.Nodes.First(node => node.OpType == "Loop").Outputs[1].ElementType);
    }

    [Fact]
    public void What_float16_does_not_hold_or_an_operator_does_not_take_stays_in_float32()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 1, 1, 4, 4);
        Value resized = b.Op("Resize", [x, null, b.Constant([1f, 1f, 2f, 2f])], new NodeAttribute("mode", "nearest"));
        Value far = b.Op("Sub", b.Op("Add", resized, b.Scalar(1e6f)), b.Scalar(1e6f));
        b.Output("y", b.Op("Relu", resized)).Output("far", far);
        Quantized half = Convert(b.Model);
        Assert.Equal(ElementType.Float, half.Model.Graph.Nodes.First(node => node.OpType == "Add").Outputs[0].ElementType);
        Assert.Contains("beyond the range", half.Refusal, StringComparison.Ordinal);
        Assert.InRange(half.WorstCosine, 0.99, 1);
    }

    /// <summary>4,097 is no number of float16.</summary>
    [Fact]
    public void Sizes_are_computed_exactly()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), 4097);
        Value size = b.Op("Cast", [b.Op("Slice", b.Op("Shape", x), b.Constant([1L]), b.Constant([2L]))], new NodeAttribute("to", (long)ElementType.Float));
        Value width = b.Op("Cast", [b.Op("Mul", size, b.Constant([1f]))], new NodeAttribute("to", (long)ElementType.Int64));
        b.Output("y", b.Op("Reshape", b.Op("Relu", x), b.Op("Concat", [b.Constant([-1L]), width], new NodeAttribute("axis", 0L))));
        Assert.InRange(Convert(b.Model).WorstCosine, 0.999, 1);
    }

    [Theory]
    [InlineData("recognizer")]
    [InlineData("classifier")]
    [InlineData("voice-activity")]
    [InlineData("wake-word")]
    [InlineData("face-detector")]
    [InlineData("line-detector")]
    public void Public_models_are_valid_in_float16(string name)
    {
        Model model = OnnxReader.Read(PublicModels.PathOf(name));
        var context = new PassContext(model, Target);
        PassPipeline.Float.Run(context, TestContext.Current.CancellationToken);
        PassPipeline.Weights(new HalfConversion(HalfFormat.Float16)).Run(context, TestContext.Current.CancellationToken);
        Assert.Empty(GraphVerifier.Verify(model));
        Assert.Contains(context.Changes, change => change.Pass == "half-conversion");
        using var session = ModelCompiler.Runtime.InferenceSession.Open(OnnxWriter.ToBytes(model));
    }

    private static TargetProfile Target { get; } = new() { Name = "half", ComputesHalf = true };

    private static Quantized Convert(Model model) => Quantized.By(model, Target, new HalfConversion(HalfFormat.Float16));
}
