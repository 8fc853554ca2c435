using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization.Channels;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public class PictureBlocksTests
{
    [Theory]
    [InlineData(3, 7, 2, 3, 3, 20, 4)]
    [InlineData(3, 7, 2, 2, 3, 20, 4)]
    [InlineData(1, 6, 2, 2, 2, 12, 3)]
    [InlineData(3, 4, 4, 0, 0, 12, 1)]
    [InlineData(3, 16, 16, 0, 0, 32, 1)]
    [InlineData(3, 8, 4, 0, 0, 16, 2)]
    [InlineData(3, 7, 4, 3, 3, 16, 2)]
    public void A_picture_is_read_by_the_block_and_no_answer_changes(int inputs, int kernel, int stride, int begin, int end, int size, int window)
    {
        StaticInt8 result = StaticInt8.LaidOut(() => Classifier(inputs, 16, kernel, stride, begin, end, size));
        Assert.Equal([16, stride * stride * inputs, window, window], Weights(result).Dims.ToArray());
        Assert.Equal((1, 0, 3), (result.Count("QLinearConv"), result.Count("Pad"), result.Count("Transpose")));
    }

    [Theory]
    [InlineData(8, 7, 2, 3, 20, 16)]
    [InlineData(3, 3, 2, 1, 20, 16)]
    [InlineData(3, 8, 4, 3, 16, 16)]
    [InlineData(3, 7, 1, 3, 20, 16)]
    [InlineData(3, 7, 2, 3, 21, 16)]
    public void Where_blocks_would_not_be_whole_or_would_not_pay_it_stays(int inputs, int kernel, int stride, int pad, int size, int outputs)
    {
        StaticInt8 result = StaticInt8.LaidOut(() => Classifier(inputs, outputs, kernel, stride, pad, pad, size));
        Assert.DoesNotContain(result.Context.Changes, change => change.Pass == "picture-blocks");
        Assert.Equal(kernel, Weights(result).Dims[2]);
    }

    [Fact]
    public void The_second_run_changes_nothing()
    {
        Model model = OnnxReader.Read(StaticInt8.LaidOut(() => Classifier(3, 16, 7, 2, 3, 3, 20)).Bytes);
        model.InferTypes();
        var context = new PassContext(model, TargetProfile.CpuPortable);
        new PictureBlocks().Apply(context);
        Assert.Empty(context.Changes);
    }

    [Fact]
    public void No_pair_of_weights_that_lie_beside_each_other_in_a_block_can_overflow()
    {
        Tensor weights = Weights(StaticInt8.LaidOut(() => Classifier(3, 16, 7, 2, 3, 3, 20)));
        int places = (int)(weights.Dims[2] * weights.Dims[3]), channels = (int)weights.Dims[1];
        foreach (sbyte[] filter in weights.AsSpan<sbyte>().ToArray().Chunk(channels * places))
            for (int k = 0; k < filter.Length; k += 2)
                Assert.InRange(255 * (At(filter, k) + At(filter, k + 1)), short.MinValue, short.MaxValue);

        int At(sbyte[] filter, int k) => filter[k % channels * places + k / channels];
    }

    [Fact]
    public void Every_weight_has_one_place()
    {
        Node conv = Classifier(3, 16, 7, 2, 3, 3, 20).Graph.Nodes.First(node => node.Is("Conv"));
        int[] places = [.. StrideBlocks.Of(conv, [16, 3, 7, 7])!.Weights()];
        Assert.Equal(12 * 16, places.Length);
        Assert.Equal(Enumerable.Range(0, 3 * 49), places.Where(place => place != StrideBlocks.Zero).Order());
    }

    private static Tensor Weights(StaticInt8 result) => OnnxReader.Read(result.Bytes).Graph.Nodes.First(node => node.Is("Conv")).Inputs[1]!.Producer!.Constant(0)!;

    private static Model Classifier(int inputs, int outputs, int kernel, int stride, long begin, long end, int size)
    {
        var b = new GraphBuilder();
        Value x = b.Op(
            "Conv", [b.Input("x", 2, inputs, size, size), b.Weights(1, outputs, inputs, kernel, kernel), b.Weights(2, outputs)],
            new NodeAttribute("pads", [begin, begin, end, end]), new NodeAttribute("strides", [stride, (long)stride]));
        b.Output("y", b.Op("Flatten", b.Op("GlobalAveragePool", b.Op("Relu", x))));
        return b.Model;
    }
}
