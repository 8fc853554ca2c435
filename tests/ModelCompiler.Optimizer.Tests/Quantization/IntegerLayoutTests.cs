using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

/// <summary>The rules by which providers beside the CPU find integers in a graph, read off the graph; and that it still answers, on the CPU.</summary>
public class IntegerLayoutTests
{
    private static readonly string[] Wrapped = ["Conv", "MaxPool", "Flatten", "Add", "Relu", "Clip", "AveragePool", "GlobalAveragePool", "Concat", "Reshape"];

    public static TheoryData<string> Names => ["TensorRt", "OpenVino", "Qnn"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Answers_stay_and_all_products_are_quantized(string name)
    {
        StaticInt8 result = StaticInt8.Of(Network(), Target(name));

        Assert.InRange(result.WorstCosine, 0.995, 1);
        Graph graph = OnnxReader.Read(result.Bytes).Graph;
        Assert.All(graph.Nodes.Where(node => node.OpType is "Conv" or "Gemm"), node => Assert.True(IsDequantized(node.Inputs[0]) && IsDequantized(node.Inputs[1]), node.ToString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_computes_on_bare_integers(string name)
    {
        Graph graph = OnnxReader.Read(StaticInt8.Of(Network(), Target(name)).Bytes).Graph;

        foreach (Node node in graph.Nodes.Where(node => !node.Is("DequantizeLinear") && !node.Is("QuantizeLinear")))
            Assert.All(node.Inputs.ToArray().OfType<Value>().Where(input => input.Producer is not null), input => Assert.False(input.Producer!.Is("QuantizeLinear"), node.ToString()));
    }

    [Fact]
    public void TensorRt_gets_zero_points_of_zero_signed_integers_float_biases_and_its_clamps()
    {
        Graph graph = OnnxReader.Read(StaticInt8.Of(Network(), Target("TensorRt")).Bytes).Graph;

        Assert.All(Conversions(graph), node => Assert.Equal(ElementType.Int8, node.Constant(2)!.ElementType));
        Assert.All(Conversions(graph), node => Assert.All(node.Constant(2)!.Bytes.ToArray(), zero => Assert.Equal(0, zero)));
        Assert.All(Products(graph), node => Assert.Equal(ElementType.Float, node.Constant(2)!.ElementType));
        Assert.All(Products(graph), node => Assert.Equal(1, node.Inputs[1]!.Producer!.Constant(1)!.Rank));
        // Both Relus and the Clip of the network: each behind its product, where TensorRT fuses it.
        Assert.Equal(3, graph.Nodes.Count(node => node.Is("Relu") || node.Is("Clip")));
        Assert.All(graph.Nodes.Where(node => node.Is("Relu") && node.Inputs[0]!.Producer!.Is("Conv")), node => Assert.True(node.Outputs[0].Uses[0].Node.Is("QuantizeLinear")));
        // The classifier hands on floats from its accumulator.
        Assert.True(graph.Outputs[0].Producer!.Is("Gemm"));
    }

    [Fact]
    public void OpenVino_gets_unsigned_integers_and_float_biases_and_clamps_go_into_saturation()
    {
        Graph graph = OnnxReader.Read(StaticInt8.Of(Network(), Target("OpenVino")).Bytes).Graph;

        Assert.All(graph.Nodes.Where(node => node.Is("QuantizeLinear")), node => Assert.Equal(ElementType.UInt8, node.Constant(2)!.ElementType));
        Assert.All(Products(graph), node => Assert.Equal(ElementType.Float, node.Constant(2)!.ElementType));
        Assert.DoesNotContain(graph.Nodes, node => node.Is("Relu") || node.Is("Clip"));
    }

    [Fact]
    public void Qnn_gets_node_units_without_floats_between_int32_biases_and_one_scale_for_matrix_products()
    {
        Graph graph = OnnxReader.Read(StaticInt8.Of(Network(), Target("Qnn")).Bytes).Graph;

        Assert.All(Products(graph), node => Assert.Equal(ElementType.Int32, node.Inputs[2]!.Producer!.Constant(0)!.ElementType));
        Assert.All(Products(graph).Where(node => node.Is("Conv")), node => Assert.Equal(1, node.Inputs[1]!.Producer!.Constant(1)!.Rank));
        Assert.All(Products(graph).Where(node => node.Is("Gemm")), node => Assert.Equal(0, node.Inputs[1]!.Producer!.Constant(1)!.Rank));
        foreach (Node node in graph.Nodes.Where(node => Wrapped.Contains(node.OpType) || node.Is("Gemm") || node.Is("Softmax")))
        {
            Assert.True(IsDequantized(node.Inputs[0]), node.ToString());
            Assert.All(node.Outputs.ToArray(), output => Assert.All(output.Uses.ToArray(), use => Assert.True(use.Node.Is("QuantizeLinear"), node.ToString())));
        }
        Assert.True(graph.Outputs[0].Producer!.Is("DequantizeLinear"));
    }

    [Fact]
    public void Moving_numbers_keeps_their_scale_and_is_exact()
    {
        Graph graph = OnnxReader.Read(StaticInt8.Of(Network(), Target("TensorRt")).Bytes).Graph;
        Node pool = graph.Nodes.Single(node => node.Is("MaxPool"));

        float before = pool.Inputs[0]!.Producer!.Constant(1)!.AsSpan<float>()[0], after = pool.Outputs[0].Uses[0].Node.Constant(1)!.AsSpan<float>()[0];
        Assert.Equal(before, after);
    }

    private static TargetProfile Target(string name) => ProviderTargets.Of(Enum.Parse<Runtime.ExecutionProvider>(name));

    private static IEnumerable<Node> Conversions(Graph graph) => graph.Nodes.Where(node => node.Is("QuantizeLinear") || node.Is("DequantizeLinear"));

    private static IEnumerable<Node> Products(Graph graph) => graph.Nodes.Where(node => node.Is("Conv") || node.Is("Gemm"));

    private static bool IsDequantized(Value? value) => value?.Producer?.Is("DequantizeLinear") == true;

    /// <summary>A stem with Relu and pool, a residual block with a Clip, and a classifier.</summary>
    private static Model Network()
    {
        var g = new GraphBuilder(opset: 13);
        Value x = g.Input("x", 1, 8, 12, 12);
        Value stem = g.Op("MaxPool", [g.Op("Relu", Conv(g, x, 8, 16, 1))], new NodeAttribute("kernel_shape", [2L, 2]), new NodeAttribute("strides", [2L, 2]));
        Value inner = g.Op("Clip", Conv(g, stem, 16, 16, 3), g.Scalar(0f), g.Scalar(6f));
        Value sum = g.Op("Relu", g.Op("Add", Conv(g, inner, 16, 16, 5), stem));
        Value pooled = g.Op("Flatten", g.Op("GlobalAveragePool", sum));
        g.Output("y", g.Op("Gemm", pooled, g.Weights(7, 16, 10), g.Weights(8, 10)));
        return g.Model;
    }

    private static Value Conv(GraphBuilder g, Value x, int inputs, int outputs, int seed) =>
        g.Op("Conv", [x, g.Weights(seed, outputs, inputs, 3, 3), g.Weights(seed + 1, outputs)], new NodeAttribute("pads", [1L, 1, 1, 1]));
}
