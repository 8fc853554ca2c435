using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public class ChannelAlignmentTests
{
    [Fact]
    public void Depthwise_channels_inside_become_full_blocks_and_no_answer_changes()
    {
        StaticInt8 result = StaticInt8.LaidOut(InvertedResidual);
        Assert.Equal([(32, 1), (32, 32), (24, 1), (8, 1)], Filters(result));
        Assert.Equal((4, 0, 2), (result.Count("QLinearConv"), result.Count("Pad"), result.Fused.ConversionCount));
    }

    [Theory]
    [InlineData(1, 3, 4)]
    [InlineData(3, 3, 4)]
    [InlineData(5, 3, 8)]
    [InlineData(3, 7, 4)]
    public void What_reads_the_models_input_reads_channels_of_zeros_behind_its_own(int inputs, int kernel, int expected)
    {
        StaticInt8 result = StaticInt8.LaidOut(() => Classifier(inputs, 64, kernel));
        Assert.Equal((1, 1), (result.Count("Pad"), result.Count("QLinearConv")));
        Assert.Equal(expected, Weights(result)[0].Dims[1]);
    }

    [Theory]
    [InlineData(4, 64, 3)]
    [InlineData(3, 10, 3)]
    [InlineData(3, 32, 7)]
    public void It_is_left_alone_where_the_kernel_is_the_fast_one_or_would_not_become_it(int inputs, int outputs, int kernel)
    {
        StaticInt8 result = StaticInt8.LaidOut(() => Classifier(inputs, outputs, kernel));
        Assert.Equal(0, result.Count("Pad"));
        Assert.DoesNotContain(result.Context.Changes, change => change.Pass == "channel-alignment");
    }

    [Fact]
    public void Residual_sums_and_gates_widen_all_that_they_join()
    {
        StaticInt8 result = StaticInt8.LaidOut(SqueezeExcite);
        Assert.Equal(48, Weights(result).Max(weights => weights.Dims[0]));
        Assert.Contains(Weights(result), weights => weights.Dims[0] == 16 && weights.Dims[1] == 48);
        Assert.Equal((1, 1), (result.Count("QLinearAdd"), result.Count("QLinearMul")));
    }

    [Theory]
    [InlineData("output", "its channels are those of the model's inputs or outputs")]
    [InlineData("Concat", "mixes channels")]
    [InlineData("group", "has groups of channels")]
    public void Channels_that_something_else_counts_on_stay(string reader, string reason)
    {
        StaticInt8 result = StaticInt8.LaidOut(() => ReadBy(reader));
        Assert.Contains(result.Context.Events, e => e.Pass == "channel-alignment" && e.Kind == PassEventKind.Refused && e.Text.Contains(reason, StringComparison.Ordinal));
        Assert.Equal(24, Weights(result)[1].Dims[0]);
    }

    [Fact]
    public void The_second_run_changes_nothing()
    {
        Model model = OnnxReader.Read(StaticInt8.LaidOut(SqueezeExcite).Bytes);
        model.InferTypes();
        var context = new PassContext(model, TargetProfile.CpuPortable);
        new ChannelAlignment().Apply(context);
        Assert.Empty(context.Changes);
    }

    [Fact]
    public void Any_numbers_of_channels_answer_as_before()
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            try
            {
                StaticInt8.LaidOut(() => RandomBlocks(seed));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    private static List<Tensor> Weights(StaticInt8 result) =>
        [.. OnnxReader.Read(result.Bytes).Graph.Nodes.Where(node => node.Is("Conv")).Select(node => node.Inputs[1]!.Producer!.Constant(0)!)];

    private static IEnumerable<(long Filters, long Group)> Filters(StaticInt8 result) =>
        OnnxReader.Read(result.Bytes).Graph.Nodes.Where(node => node.Is("Conv")).Select(node => (node.Inputs[1]!.Producer!.Constant(0)!.Dims[0], node.Attributes.GetInt("group", 1)));

    private static Value Conv(GraphBuilder b, Value x, long inputs, long outputs, int seed, long kernel = 1, long group = 1) => b.Op(
        "Conv", [x, b.Weights(seed, outputs, inputs / group, kernel, kernel), b.Weights(seed + 100, outputs)],
        new NodeAttribute("pads", [kernel / 2, kernel / 2, kernel / 2, kernel / 2]), new NodeAttribute("group", group));

    private static Model InvertedResidual()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Relu", Conv(b, b.Input("x", 2, 8, 9, 9), 8, 24, 1));
        Value y = b.Op("Relu", Conv(b, x, 24, 24, 2, kernel: 3, group: 24));
        b.Output("y", Conv(b, Conv(b, y, 24, 24, 3), 24, 8, 4));
        return b.Model;
    }

    private static Model Classifier(int inputs, int outputs, int kernel)
    {
        var b = new GraphBuilder();
        Value x = Conv(b, b.Input("x", 2, inputs, 9, 9), inputs, outputs, 1, kernel);
        b.Output("y", b.Op("Flatten", b.Op("GlobalAveragePool", b.Op("Relu", x))));
        return b.Model;
    }

    private static Model SqueezeExcite()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Relu", Conv(b, b.Input("x", 1, 4, 9, 9), 4, 40, 1));
        Value y = b.Op("Clip", Conv(b, x, 40, 40, 2, kernel: 5, group: 40), b.Scalar(0f), b.Scalar(6f));
        Value gate = Conv(b, b.Op("Relu", Conv(b, b.Op("GlobalAveragePool", y), 40, 10, 3)), 10, 40, 4);
        y = b.Op("Add", b.Op("Mul", y, b.Op("Sigmoid", gate)), x);
        b.Output("y", Conv(b, b.Op("MaxPool", [y], new NodeAttribute("kernel_shape", [2L, 2])), 40, 8, 5));
        return b.Model;
    }

    private static Model ReadBy(string reader)
    {
        var b = new GraphBuilder();
        Value x = Conv(b, b.Input("x", 1, 8, 9, 9), 8, 24, 1);
        Value y = b.Op("Relu", Conv(b, x, 24, 24, 2, kernel: 3, group: 24));
        b.Output("y", reader switch
        {
            "output" => y,
            "Concat" => Conv(b, b.Op("Concat", [y, b.Op("Relu", y)], new NodeAttribute("axis", 1L)), 48, 8, 3),
            _ => Conv(b, y, 24, 24, 3, group: 4),
        });
        return b.Model;
    }

    private static Model RandomBlocks(int seed)
    {
        var random = new Random(seed);
        var b = new GraphBuilder();
        long channels = random.Next(1, 6);
        Value x = b.Input("x", 1, channels, 8, 8);
        for (int block = 0; block < 3; block++)
        {
            long wide = random.Next(6, 70), next = random.Next(6, 40);
            x = b.Op("Relu", Conv(b, x, channels, wide, seed + block, kernel: 1 + 2 * random.Next(2)));
            if (random.Next(2) == 0) x = b.Op("Add", b.Op("LeakyRelu", Conv(b, x, wide, wide, seed + block + 10, 3, wide)), x);
            if (random.Next(3) == 0) x = b.Op("Mul", x, b.Weights(seed + 20, wide, 1, 1));
            x = Conv(b, x, wide, next, seed + block + 30);
            channels = next;
        }
        b.Output("y", b.Op("Flatten", b.Op("GlobalAveragePool", x)));
        return b.Model;
    }
}
