using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public class TokensAsRowsTests
{
    private static readonly Dim Batch = Dim.Named("batch"), Length = Dim.Named("length");

    [Fact]
    public void A_product_of_tokens_adds_its_bias_in_the_accumulators()
    {
        var b = new GraphBuilder(14);
        Value h = b.Op("Relu", b.Op("Add", b.Op("MatMul", b.Input("x", 1, 6, 32), b.Weights(1, 32, 48)), b.Weights(2, 48)));
        b.Output("y", b.Op("Add", b.Weights(4, 1, 1, 16), b.Op("MatMul", h, b.Weights(3, 48, 16))));

        Assert.Equal(2, Rows(b.Model).Count(node => node.Is("Gemm") && node.Inputs.Length == 3));

        StaticInt8 result = StaticInt8.Of(b.Model);
        Assert.Equal((1, 1, 0, 0), (result.Count("QGemm"), result.Count("MatMulIntegerToFloat"), result.Count("QLinearMatMul"), result.Count("QLinearAdd")));
        Assert.InRange(result.WorstCosine, 0.999, 1);
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    [InlineData(0, 4)]
    public void Open_dimensions_come_back_as_they_were(int batch, int length)
    {
        Model model = Open(14);
        float[] before = Run(model, batch, length, out long[] shape);
        Assert.Equal(2, Rows(model).Count(node => node.Is("Gemm")));
        float[] after = Run(model, batch, length, out long[] rowsShape);
        Assert.Equal(shape, rowsShape);
        Assert.Equal(before.Length, after.Length);
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 1e-4f);
    }

    [Fact]
    public void Before_sizes_of_zero_can_be_written_two_open_dimensions_stay()
    {
        Model model = Open(13);
        var context = new PassContext(model, TargetProfile.CpuPortable);
        PassPipeline.Rows.Run(context, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(model.Graph.Nodes, node => node.Is("Gemm"));
        Assert.Contains(context.Events, e => e.Text.Contains("open", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_added_to_the_tokens_and_is_no_bias_stays_an_addition()
    {
        var b = new GraphBuilder(14);
        Value y = b.Op("MatMul", b.Input("x", 1, 6, 32), b.Weights(1, 32, 16));
        b.Output("y", b.Op("Add", y, b.Weights(2, 6, 16)));
        Assert.Equal(["Reshape", "Gemm", "Reshape", "Add"], Rows(b.Model).Select(node => node.OpType));
    }

    [Fact]
    public void Matrices_and_weights_that_are_no_constants_are_left_alone()
    {
        var b = new GraphBuilder(14);
        b.Output("matrix", b.Op("MatMul", b.Input("x", 6, 32), b.Weights(1, 32, 16)));
        b.Output("dynamic", b.Op("MatMul", b.Input("q", 1, 6, 32), b.Input("k", 32, 16)));
        Assert.DoesNotContain(Rows(b.Model), node => node.Is("Reshape"));
    }

    private static Model Open(long opset)
    {
        var b = new GraphBuilder(opset);
        Value x = b.Input("x", Batch, Length, 24);
        Value h = b.Op("Tanh", b.Op("Add", b.Op("MatMul", x, b.Weights(1, 24, 40)), b.Weights(2, 40)));
        b.Output("y", b.Op("MatMul", h, b.Weights(3, 40, 8)));
        b.Model.InferTypes();
        return b.Model;
    }

    private static List<Node> Rows(Model model)
    {
        model.InferTypes();
        PassPipeline.Rows.Run(new PassContext(model, TargetProfile.CpuPortable), TestContext.Current.CancellationToken);
        return [.. model.Graph.Nodes];
    }

    private static float[] Run(Model model, int batch, int length, out long[] shape)
    {
        using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(model));
        long[] dims = [batch, length, 24];
        TensorBuffer y = session.Run([("x", TensorBuffer.Create(dims, TestTensors.Normal(7, dims).Floats()))]).Single();
        shape = y.Shape.ToArray();
        return y.AsSpan<float>().ToArray();
    }
}
