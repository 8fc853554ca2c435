using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Precision;

/// <summary>Models in float16 on a provider without kernels of float16.</summary>
public sealed class HalfWideningTests
{
    [Fact]
    public void Everything_between_inputs_and_outputs_is_in_float32()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", ElementType.Float16, 4, 32), condition = b.Input("condition", ElementType.Bool);
        Value inner = b.Op("MatMul", x, Half(b, b.Weights(1, 32, 16)));
        Graph then = b.Subgraph("then", s => s.Output("t", s.Op("Add", inner, Half(s, s.Weights(2, 16)))));
        Graph otherwise = b.Subgraph("else", s => s.Output("e", Half(s, s.Weights(3, 4, 16))));
        Value y = b.Op("If", [condition], new("then_branch", then), new("else_branch", otherwise));
        Value z = b.Op("Cast", [b.Op("Cast", [y], new NodeAttribute("to", (long)ElementType.Int32))], new NodeAttribute("to", (long)ElementType.Float16));
        b.Output("y", y).Output("z", z).Output("inner", inner);

        Quantized wide = Quantized.By(b.Model, new HalfWidening(HalfFormat.Float16), new HalfWidening(HalfFormat.Float16));

        Assert.Equal(["x", "condition"], wide.Model.Graph.Inputs.Select(input => input.Name));
        Assert.Equal(ElementType.Float16, wide.Model.Graph.Inputs[0].ElementType);
        Assert.Equal(["y", "z", "inner"], wide.Model.Graph.Outputs.Select(output => output.Name));
        Assert.All(wide.Model.Graph.Outputs, output => Assert.Equal(ElementType.Float16, output.ElementType));
        Assert.All(wide.Model.Graph.AllNodes().Where(node => node.OpType is "MatMul" or "Add" or "If"), node => Assert.Equal(ElementType.Float, node.Output.ElementType));
        Assert.Single(wide.Context.Changes);
    }

    [Fact]
    public void A_provider_that_computes_float16_keeps_it()
    {
        Quantized half = Quantized.By(Network(), new TargetProfile { Name = "half", ComputesHalf = true }, new HalfWidening(HalfFormat.Float16));
        Assert.Empty(half.Context.Changes);
    }

    [Fact]
    public void A_cast_there_and_back_that_rounds_on_purpose_stays()
    {
        var b = new GraphBuilder();
        Value half = b.Op("Cast", [b.Input("x", 4)], new NodeAttribute("to", (long)ElementType.Float16));
        b.Output("y", b.Op("Mul", b.Op("Cast", [half], new NodeAttribute("to", (long)ElementType.Float)), b.Scalar(2f)));
        Assert.Empty(Quantized.By(b.Model, new HalfWidening(HalfFormat.Float16)).Context.Changes);
    }

    /// <summary>What no precision has a form for, here a convolution in 8 bits without calibration, keeps its size too.</summary>
    [Fact]
    public void What_stays_in_float_is_stored_as_it_came()
    {
        var b = new GraphBuilder();
        Model model = b.Output("y", b.Op("Conv", b.Input("x", ElementType.Float16, 1, 32, 8, 8), Half(b, b.Weights(1, 32, 32, 3, 3)))).Model;
        model.InferTypes();
        byte[] before = OnnxWriter.ToBytes(model);

        CompileResult result = Compiler.Compile(model, new CompileOptions { Precision = Optimizer.Compilation.Precision.Int8Dynamic, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.InRange(OnnxWriter.ToBytes(result.Model).Length, 1, 1.1 * before.Length);
        Assert.Contains(result.Warnings, warning => warning.Code == "OM4004");
    }

    /// <summary>For the CPU the weights are quantized as if the model had come in float32; computed in float, it keeps its size.</summary>
    [Theory]
    [InlineData(Optimizer.Compilation.Precision.Float32, 0, 1.1)]
    [InlineData(Optimizer.Compilation.Precision.Int8Dynamic, 2, 0.8)]
    [InlineData(Optimizer.Compilation.Precision.Int4, 2, 0.6)]
    public void Weights_are_compiled_like_those_of_float32(Optimizer.Compilation.Precision precision, int quantizedProducts, double size)
    {
        Model model = Network();
        byte[] before = OnnxWriter.ToBytes(model);

        CompileResult result = Compiler.Compile(model, new CompileOptions { Precision = precision, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        byte[] after = OnnxWriter.ToBytes(result.Model);
        Assert.InRange(after.Length, 1, size * before.Length);
        Assert.Equal(quantizedProducts, result.QuantizedNodes);
        using InferenceSession first = InferenceSession.Open(before), second = InferenceSession.Open(after);
        Assert.Equal(TensorElementType.Float16, second.Outputs[0].ElementType);
        Assert.All(result.Agreement!.Outputs, output => Assert.InRange(output.SqnrDb, 15, double.PositiveInfinity));
    }

    private static Model Network()
    {
        var b = new GraphBuilder();
        Value h = b.Op("Relu", b.Op("MatMul", b.Input("x", ElementType.Float16, 1, 256), Half(b, b.Weights(1, 256, 256))));
        Model model = b.Output("y", b.Op("MatMul", h, Half(b, b.Weights(2, 256, 256)))).Model;
        model.InferTypes();
        return model;
    }

    private static Value Half(GraphBuilder b, Value weights)
    {
        Tensor half = HalfFormat.Float16.Of(weights.Initializer!, out _)!;
        weights.Graph.RemoveInitializer(weights);
        return weights.Graph.AddInitializer(weights.Name, half);
    }
}
