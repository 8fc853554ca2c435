using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Placement;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Placement;

public class ProfiledNodesTests
{
    [Fact]
    public void Every_product_has_a_time_under_the_names_that_the_runtime_gives_in_either_precision()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Relu", b.Op("Conv", b.Input("x", 1, 16, 8, 8), b.Weights(1, 16, 16, 1, 1)));
        x = b.Op("LeakyRelu", b.Op("Conv", x, b.Weights(2, 16, 16, 1, 1)));
        x = b.Op("Reshape", x, b.Constant(new long[] { 1, 1024 }));
        b.Output("y", b.Op("Relu", b.Op("Gemm", x, b.Weights(3, 1024, 8), b.Weights(4, 8))));
        b.Model.InferTypes();
        NodeNames.MakeUnique(b.Graph);
        Model original = b.Model.Clone();
        byte[] quantized = StaticInt8.Of(b.Model).Bytes;

        foreach (byte[] form in (byte[][])[OnnxWriter.ToBytes(original), quantized])
        {
            IReadOnlyList<(string, TensorBuffer)> inputs = [("x", TensorBuffer.Create([1, 16, 8, 8], TestTensors.Normal(5, 1, 16, 8, 8).Floats()))];
            NodeProfile profile = NodeProfile.Measure(options => InferenceSession.Open(form, options), new SessionOptions(), _ => inputs, 5, TestContext.Current.CancellationToken);
            IReadOnlyDictionary<string, double> times = ProfiledNodes.Times(original.Graph, profile, overhead: 0);
            Assert.All(original.Graph.Nodes.Where(node => node.OpType is "Conv" or "Gemm"), node => Assert.Contains(node.Name, times.Keys));
        }
    }

    [Fact]
    public void Nodes_without_a_name_or_with_a_shared_one_are_named_after_their_output()
    {
        var b = new GraphBuilder();
        Value first = b.Op("Relu", b.Input("x", 4)), second = b.Op("Neg", first);
        b.Output("y", b.Op("Abs", second));
        foreach (Node node in b.Graph.Nodes) node.Name = node.Is("Relu") ? "" : "same";
        NodeNames.MakeUnique(b.Graph);
        Assert.Equal([first.Name, "same", "y"], b.Graph.Nodes.Select(node => node.Name));
    }
}
