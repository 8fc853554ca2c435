using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Calibration;

public class RangeChoiceTests
{
    private const int Rows = 4096, Depth = 8;

    [Fact]
    public void The_error_is_that_of_the_next_product()
    {
        Tensor weights = TestTensors.Normal(1, Depth, 3);
        (Model model, Value hidden) = Network(weights);
        TensorBuffer x = Rare();
        ValueRange[] ranges = [new(-4, 4), new(-1, 1), new(0, 40)];

        double[] errors = Assert.Single(ReaderError.Measure(model, [(hidden, ranges)], Map, [[("x", x)]], TestContext.Current.CancellationToken));

        for (int i = 0; i < ranges.Length; i++) Assert.Equal(Expected(x, weights, Map(ranges[i])), errors[i], 1e-5);
    }

    [Fact]
    public void Samples_that_are_read_into_the_same_memory_count_each()
    {
        Tensor weights = TestTensors.Normal(1, Depth, 3);
        (Model model, Value hidden) = Network(weights);
        TensorBuffer memory = Rare();
        float[] first = memory.AsSpan<float>().ToArray();

        double[] errors = Assert.Single(ReaderError.Measure(model, [(hidden, [new(-1, 1)])], Map, Read(), TestContext.Current.CancellationToken));

        // The second is nothing but zeros, which no range is wrong for.
        Assert.Equal(Expected(TensorBuffer.Create([Rows, Depth], first), weights, Map(new(-1, 1))), errors[0], 1e-5);

        IEnumerable<IReadOnlyList<(string, TensorBuffer)>> Read()
        {
            yield return [("x", memory)];
            memory.AsSpan<float>().Clear();
            yield return [("x", memory)];
        }
    }

    [Theory]
    [InlineData(0f, true)]
    [InlineData(20f, false)]
    public void Rare_large_numbers_are_clipped_where_the_weights_that_meet_them_are_small(float weight, bool isClipped)
    {
        float[] weights = TestTensors.Normal(1, Depth, 3).Floats();
        for (int column = 0; column < 3; column++) weights[column] = weight;
        (Model model, Value hidden) = Network(Tensor.Create<float>(weights, [Depth, 3]));
        TensorBuffer x = Rare();
        var histogram = new Histogram();
        histogram.Add(x.AsSpan<float>());
        Dictionary<string, RangeMethod> chosen = RangeChoice.Of(model, [(hidden, histogram)], Map, [[("x", x)]], TestContext.Current.CancellationToken);
        Assert.Equal(isClipped, chosen[hidden.Name] == RangeMethod.Percentile);
    }

    [Fact]
    public void It_looks_through_activations_sums_and_branches_and_leaves_the_model_as_it_was()
    {
        var b = new GraphBuilder(13);
        Value x = b.Input("x", 1, 4, 8, 8);
        Value stem = b.Op("Conv", x, b.Weights(1, 8, 4, 1, 1)), gate = b.Op("Sigmoid", stem);
        Value joined = b.Op("Add", b.Op("Mul", stem, gate), b.Op("Relu", stem));
        b.Output("y", b.Op("Conv", joined, b.Weights(2, 4, 8, 1, 1))).Output("stem", stem);
        b.Model.InferTypes();
        byte[] before = OnnxWriter.ToBytes(b.Model);
        TensorBuffer input = TensorBuffer.Create([1, 4, 8, 8], TestTensors.Normal(3, 1, 4, 8, 8).Floats());
        double[] errors = ReaderError.Measure(b.Model, [(stem, [new(-20, 20), new(-0.01f, 0.01f)])], Map, [[("x", input)]], TestContext.Current.CancellationToken)[0];
        Assert.InRange(errors[0], 1e-8, 0.01);
        Assert.InRange(errors[1], 0.5, 1.5);
        Assert.Equal(before, OnnxWriter.ToBytes(b.Model));
    }

    private static QuantizationParameters Map(ValueRange range) => QuantizationParameters.Asymmetric(range, ElementType.UInt8);

    private static (Model, Value) Network(Tensor weights)
    {
        var b = new GraphBuilder(13);
        Value hidden = b.Op("Identity", b.Input("x", Rows, Depth));
        b.Output("y", b.Op("MatMul", hidden, b.Constant(weights)));
        b.Model.InferTypes();
        return (b.Model, hidden);
    }

    /// <summary>Normal numbers, and in the first column now and then one that is twenty times as large: fewer than a percentile leaves out.</summary>
    private static TensorBuffer Rare()
    {
        float[] x = TestTensors.Normal(2, Rows, Depth).Floats();
        for (int row = 0; row < Rows; row += 2048) x[row * Depth] = 20;
        return TensorBuffer.Create([Rows, Depth], x);
    }

    private static double Expected(TensorBuffer x, Tensor weights, QuantizationParameters map)
    {
        float[] w = weights.Floats();
        double error = 0, signal = 0;
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < 3; column++)
            {
                double difference = 0, sum = 0;
                for (int k = 0; k < Depth; k++)
                {
                    float value = x.AsSpan<float>()[row * Depth + k];
                    sum += (double)value * w[k * 3 + column];
                    difference += ((double)map.Dequantize(map.Quantize(value)) - value) * w[k * 3 + column];
                }
                error += difference * difference;
                signal += sum * sum;
            }
        }
        return error / signal;
    }
}
