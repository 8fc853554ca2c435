using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Precision;

/// <summary>bfloat16 through the whole compiler. Nothing here computes in it: graphs for CUDA are looked at by their types, and by what their stand-in answers on the CPU.</summary>
public sealed class BFloat16Tests
{
    [Fact]
    public void On_the_cpu_weights_are_stored_in_it_and_computed_in_float32()
    {
        CompileResult result = Compile(Network(), TargetProfile.CpuPortable);
        Assert.Equal(new[] { ElementType.BFloat16 }, result.Model.Graph.Initializers.Where(value => value.Initializer!.ElementCount > 256).Select(value => value.ElementType).Distinct());
        Assert.InRange(OnnxWriter.ToBytes(result.Model).Length, 1, 0.53 * OnnxWriter.ToBytes(Network()).Length);
        // 8 bits of fraction: worse than float16, and no worse than rounding each weight once.
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 40, 65);
        Assert.Equal((0, 3), (result.QuantizedNodes, result.FloatNodes));
    }

    [Fact]
    public void For_cuda_what_has_kernels_computes_in_it()
    {
        CompileResult result = Compile(Network(), ProviderTargets.Of(ExecutionProvider.Cuda));
        Graph graph = result.Model.Graph;
        Assert.All(graph.Nodes.Where(node => node.OpType is "Conv" or "Relu" or "Gemm" or "Softmax"), node => Assert.Equal(ElementType.BFloat16, node.Outputs[0].ElementType));
        // No kernel in bfloat16.
        Assert.Equal(ElementType.Float, graph.Nodes.Single(node => node.Is("MaxPool")).Outputs[0].ElementType);
        Assert.Contains(result.Events, e => e.Text.Contains("does not take bfloat16", StringComparison.Ordinal));
        Assert.Equal(ElementType.Float, graph.Inputs[0].ElementType);
        Assert.Equal(ElementType.Float, graph.Outputs[0].ElementType);
        Assert.Empty(GraphVerifier.Verify(result.Model));
        // Rounded after each node: further away than rounded weights alone.
        double stored = Compile(Network(), TargetProfile.CpuPortable).Agreement!.Outputs[0].SqnrDb;
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 30, stored);
    }

    [Fact]
    public void A_loop_and_its_body_agree_in_type()
    {
        var b = new GraphBuilder();
        Graph body = b.Subgraph("body", s =>
        {
            s.Input("i", ElementType.Int64);
            Value go = s.Input("go", ElementType.Bool), state = s.Input("state", 4, 4);
            s.Output("go_on", s.Op("Identity", go)).Output("next", s.Op("MatMul", state, s.Weights(1, 4, 4))).Output("seen", s.Op("Floor", state));
        });
        Node loop = b.Node("Loop", [b.Scalar(3L), b.Scalar(true), b.Input("x", 4, 4)], 2, "", new NodeAttribute("body", body));
        Model model = b.Output("y", loop.Outputs[0]).Output("all", b.Op("Add", loop.Outputs[1], b.Op("ConstantOfShape", b.Constant([3L, 4L, 4L])))).Model;
        CompileResult result = Compile(model, ProviderTargets.Of(ExecutionProvider.TensorRt));
        Assert.Empty(GraphVerifier.Verify(result.Model));
        Assert.Contains(result.Model.Graph.AllNodes(), node => node.Is("MatMul") && node.Outputs[0].ElementType == ElementType.BFloat16);
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.999, 1);
    }

    /// <summary>ONNX Runtime's CPU refuses it as it is.</summary>
    [Fact]
    public void A_model_that_comes_in_it_is_computed_in_float32_in_any_precision_and_keeps_its_types()
    {
        Model InBFloat16() => Compile(Network(), ProviderTargets.Of(ExecutionProvider.Cuda)).Model;
        Assert.Contains(InBFloat16().Graph.Nodes, node => node.Is("Gemm") && node.Outputs[0].ElementType == ElementType.BFloat16);
        Model given = BFloat16Ends(InBFloat16());
        Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Open(OnnxWriter.ToBytes(given)));

        foreach (var precision in (Optimizer.Compilation.Precision[])[Optimizer.Compilation.Precision.Float32, Optimizer.Compilation.Precision.BFloat16, Optimizer.Compilation.Precision.Int8Dynamic])
        {
            CompileResult result = Compile(given.Clone(), TargetProfile.CpuPortable, precision);
            Assert.Equal(ElementType.BFloat16, result.Model.Graph.Inputs[0].ElementType);
            Assert.Equal((given.Graph.Outputs[0].Name, ElementType.BFloat16), (result.Model.Graph.Outputs[0].Name, result.Model.Graph.Outputs[0].ElementType));
            byte[] bytes = OnnxWriter.ToBytes(result.Model);
            Assert.InRange(bytes.Length, 1, 1.1 * OnnxWriter.ToBytes(given).Length);
            using InferenceSession session = InferenceSession.Open(bytes);
            Assert.Contains(result.Events, e => e.Text.Contains("instead of bfloat16", StringComparison.Ordinal));
            // Its weights are numbers of bfloat16: stored in it again nothing is lost.
            if (precision == Optimizer.Compilation.Precision.BFloat16) Assert.Equal(double.PositiveInfinity, result.Agreement!.Outputs[0].SqnrDb);
        }
    }

    private static Model BFloat16Ends(Model model)
    {
        // What casts its input and its output is given and hands on bfloat16 instead.
        Graph graph = model.Graph;
        Value input = graph.Inputs[0];
        foreach (Node cast in graph.Nodes.Where(node => node.Is("Cast") && ReferenceEquals(node.Inputs[0], input)).ToList())
        {
            foreach (Use use in cast.Outputs[0].Uses.ToList()) use.Node.SetInput(use.Index, input);
            graph.Remove(cast);
        }
        input.Type = new TensorType(ElementType.BFloat16, input.Shape);
        Node last = graph.Outputs[0].Producer!;
        Value value = last.Inputs[0]!;
        graph.RemoveOutput(0);
        graph.Remove(last);
        graph.Rename(value, "y");
        graph.AddOutput(value);
        return model;
    }

    private static Model Network()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Relu", b.Op("Conv", [b.Input("x", 1, 4, 12, 12), b.Weights(1, 32, 4, 3, 3)]));
        x = b.Op("MaxPool", [x], new NodeAttribute("kernel_shape", [2L, 2]), new NodeAttribute("strides", [2L, 2]));
        x = b.Op("Relu", b.Op("Gemm", b.Op("Flatten", x), b.Weights(2, 800, 64), b.Weights(3, 64)));
        return b.Output("y", b.Op("Gemm", x, b.Weights(4, 64, 16), b.Weights(5, 16))).Model;
    }

    private static CompileResult Compile(Model model, TargetProfile target, Optimizer.Compilation.Precision precision = Optimizer.Compilation.Precision.BFloat16) => Compiler.Compile(
        model, new CompileOptions { Precision = precision, Target = target, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
}
