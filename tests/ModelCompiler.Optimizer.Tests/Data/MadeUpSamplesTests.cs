using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Data;

public class MadeUpSamplesTests
{
    [Fact]
    public void Fills_inputs_of_fixed_shape()
    {
        SampleSet samples = Create(b => b.Output("y", b.Op("Relu", b.Input("x", 2, 3)), new TensorType(ElementType.Float, Shape.Of(2, 3))))!;
        Assert.Equal(8, samples.Count);
        Assert.True(samples.IsMadeUp);
        float[][] inputs = [.. samples.Read(cancellationToken: TestContext.Current.CancellationToken).Select(sample => sample["x"].AsSpan<float>().ToArray())];
        Assert.Equal(8, inputs.Distinct(new ByContent()).Count());
        Assert.Equal(3, samples.Take(3).Read(cancellationToken: TestContext.Current.CancellationToken).Count());
    }

    [Fact]
    public void Tries_sizes_until_the_model_runs()
    {
        // Only 16 elements have this shape.
        SampleSet samples = Create(b => b.Output("y", b.Op("Reshape", b.Input("x", Dim.Named("n"), Dim.Named("length")), b.Constant(new long[] { 4, 4 })), new TensorType(ElementType.Float, Shape.Of(4, 4))))!;
        Assert.All(samples.Read(cancellationToken: TestContext.Current.CancellationToken), sample => Assert.Equal([1, 16], sample["x"].Shape));
    }

    [Fact]
    public void A_volume_that_runs_on_nothing_is_not_tried_with_all_of_memory()
    {
        Dim[] volume = [Dim.Named("n"), 4, Dim.Named("depth"), Dim.Named("height"), Dim.Named("width")];
        Assert.Null(Create(b => b.Output("y", b.Op("Reshape", b.Input("x", volume), b.Constant(new long[] { 7, 11 })), new TensorType(ElementType.Float, Shape.Of(7, 11)))));
    }

    [Fact]
    public void Equal_symbols_get_equal_sizes()
    {
        SampleSet samples = Create(b => b.Output("y", b.Op("Add", b.Input("a", Dim.Named("batch"), Dim.Named("s")), b.Input("b", Dim.Named("batch"), Dim.Named("s"))), new TensorType(ElementType.Float, null)))!;
        Assert.All(samples.Read(cancellationToken: TestContext.Current.CancellationToken), sample => Assert.Equal(sample["a"].Shape, sample["b"].Shape));
    }

    [Fact]
    public void Gives_none_where_the_model_runs_on_nothing_that_is_tried()
    {
        Assert.Null(Create(b => b.Output("y", b.Op("Reshape", b.Input("x", 1, Dim.Named("length")), b.Constant(new long[] { 7, 11 })), new TensorType(ElementType.Float, Shape.Of(7, 11)))));
        Assert.Null(Create(b => b.Output("y", b.Op("Identity", b.Input("x", ElementType.String, 1)), new TensorType(ElementType.String, Shape.Of(1)))));
    }

    [Fact]
    public void Inputs_that_break_the_declared_shape_of_an_output_are_not_taken()
    {
        // What is random is the shape to expand to, and the output is declared for one of them.
        Assert.Null(Create(b => b.Output("y", b.Op("Expand", b.Input("x", 1, 3, 1), b.Input("shape", ElementType.Int64, 3)), new TensorType(ElementType.Float, Shape.Of(7, 3, 1)))));
    }

    [Fact]
    public void Numbers_are_of_the_kinds_that_models_are_made_for()
    {
        SampleSet samples = Create(b => b.Output("y", b.Op("Relu", b.Input("x", 1, 3, 64, 64)), new TensorType(ElementType.Float, Shape.Of(1, 3, 64, 64))))!;
        float[][] numbers = [.. samples.Read(cancellationToken: TestContext.Current.CancellationToken).Select(sample => sample["x"].AsSpan<float>().ToArray())];
        Assert.All(numbers[0], x => Assert.InRange(x, -1f, 1f));
        Assert.InRange(numbers[1].Average(x => x * x), 0.9f, 1.1f);
        Assert.InRange(Alikeness(numbers[1]), -0.1, 0.1);
        // Neighbours in a picture are alike, its channels need not be.
        foreach (float[] picture in numbers[2..4].Concat(numbers[6..8])) Assert.InRange(Alikeness(picture), 0.8, 1);
        Assert.All(numbers[3].Concat(numbers[7]), x => Assert.InRange(x, 0f, 1f));
        Assert.True(numbers[2].Max() > 2 && numbers[2].Min() < -2);
    }

    /// <summary>Ranges of what is narrower would cut off what is put in.</summary>
    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.Double)]
    public void Numbers_of_other_widths_are_as_large(ElementType type)
    {
        SampleSet samples = Create(b =>
        {
            Value x = b.Input("x", type, 1, 3, 64, 64);
            Tensor fifty = type == ElementType.Double ? Tensor.Create<double>([50], []) : Tensor.Create<Half>([(Half)50], []);
            b.Output("y", b.Op("Cast", [x], new NodeAttribute("to", (long)ElementType.Float)));
            b.Output("z", b.Op("Div", b.Input("pixels", type, 1, 3, 64, 64), b.Constant(fifty)));
            b.Model.InferTypes();
        })!;
        // The second sample is of normal numbers.
        SampleBatch sample = samples.Read(cancellationToken: TestContext.Current.CancellationToken).ElementAt(1);
        Assert.InRange(Numbers(sample["x"]).Average(x => x * x), 0.9, 1.1);
        Assert.InRange(Numbers(sample["pixels"]).Average(x => x * x), 0.9 * 2500, 1.1 * 2500);

        double[] Numbers(TensorBuffer tensor) => type == ElementType.Double ? tensor.AsSpan<double>().ToArray() : Array.ConvertAll(tensor.AsSpan<Half>().ToArray(), x => (double)x);
    }

    [Fact]
    public void Integers_that_are_indices_reach_all_rows_of_the_smallest_table()
    {
        SampleSet samples = Create(b =>
        {
            Value tokens = b.Input("tokens", ElementType.Int32, 1, 64), mask = b.Input("mask", ElementType.Int64, 1, 64);
            Value wide = b.Op("Gather", b.Weights(1, 90, 4), tokens);
            Value narrow = b.Op("Gather", [b.Weights(2, 4, 50), b.Op("Cast", [tokens], new NodeAttribute("to", (long)ElementType.Int64))], new NodeAttribute("axis", 1));
            b.Output("y", wide).Output("z", narrow).Output("m", b.Op("Identity", mask));
            b.Model.InferTypes();
        })!;
        int[][] tokens = [.. samples.Read(cancellationToken: TestContext.Current.CancellationToken).Select(sample => sample["tokens"].AsSpan<int>().ToArray())];
        Assert.Equal(8, tokens.Length);
        Assert.All(tokens.SelectMany(sample => sample), token => Assert.InRange(token, 0, 49));
        Assert.All(tokens, sample => Assert.True(sample.Distinct().Count() > 10 && sample.Max() > 40));
        // What is no index is a mask as before.
        Assert.All(samples.Read(cancellationToken: TestContext.Current.CancellationToken), sample => Assert.All(sample["mask"].AsSpan<long>().ToArray(), bit => Assert.InRange(bit, 0, 1)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Numbers_are_as_large_as_the_first_arithmetic_takes_them(bool isNormalization)
    {
        SampleSet samples = Create(b =>
        {
            Value x = b.Input("x", 1, 2, 32, 32);
            Value channels = isNormalization
                ? b.Op("BatchNormalization", x, b.Constant([3f, -2f]), b.Constant([0f, 9f]), b.Constant([100f, 10f]), b.Constant([2500f, 0.25f]))
                : b.Op("Div", b.Op("Sub", b.Op("Mul", b.Scalar(0.1f), x), b.Constant(Tensor.Create<float>([10f, 1f], [2, 1, 1]), "means")), b.Constant(Tensor.Create<float>([5f, 0.05f], [1, 2, 1, 1]), "deviations"));
            b.Output("y", b.Op("Relu", channels));
            b.Model.InferTypes();
        })!;
        // The second sample is of normal numbers.
        float[] numbers = samples.Read(cancellationToken: TestContext.Current.CancellationToken).ElementAt(1)["x"].AsSpan<float>().ToArray();
        foreach ((float[] channel, float mean, float deviation) in new[] { (numbers[..1024], 100f, 50f), (numbers[1024..], 10f, 0.5f) })
        {
            Assert.InRange(channel.Average(), mean - (deviation / 5), mean + (deviation / 5));
            Assert.InRange(Math.Sqrt(channel.Average(x => (x - mean) * (x - mean))), 0.9 * deviation, 1.1 * deviation);
        }
    }

    [Fact]
    public void Arithmetic_that_nothing_undoes_is_left()
    {
        SampleSet samples = Create(b =>
        {
            b.Output("y", b.Op("Relu", b.Op("Mul", b.Input("x", 1, 64), b.Scalar(0f))));
            b.Model.InferTypes();
        })!;
        Assert.All(samples.Read(cancellationToken: TestContext.Current.CancellationToken), sample => Assert.All(sample["x"].AsSpan<float>().ToArray(), x => Assert.InRange(x, -9f, 9f)));
    }

    [Fact]
    public void Where_a_model_takes_no_other_row_there_are_zeros_and_ones()
    {
        // A second table is no constant, and has two rows.
        SampleSet samples = Create(b =>
        {
            Value tokens = b.Input("tokens", ElementType.Int64, 1, 64);
            b.Output("y", b.Op("Gather", b.Weights(1, 90, 4), tokens)).Output("z", b.Op("Gather", b.Op("Relu", b.Input("table", 2, 4)), tokens));
            b.Model.InferTypes();
        })!;
        Assert.All(samples.Read(cancellationToken: TestContext.Current.CancellationToken), sample => Assert.All(sample["tokens"].AsSpan<long>().ToArray(), token => Assert.InRange(token, 0, 1)));
    }

    [Fact]
    public void A_compilation_without_samples_is_compared_on_them()
    {
        CompileResult result = Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), new CompileOptions(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Agreement!.IsMadeUp);
        Assert.Equal(8, result.Agreement.Samples);
        Assert.InRange(result.Agreement.Outputs[0].SqnrDb, 100, double.PositiveInfinity);
        Assert.NotNull(result.LatencyRatio);
    }

    /// <summary>How neighbours in rows of 64 go together, of at most 1.</summary>
    private static double Alikeness(float[] picture)
    {
        float mean = picture.Average();
        int[] inner = [.. Enumerable.Range(0, picture.Length).Where(i => i % 64 > 0)];
        return inner.Average(i => (picture[i] - mean) * (picture[i - 1] - mean)) / picture.Average(x => (x - mean) * (x - mean));
    }

    private static SampleSet? Create(Action<GraphBuilder> build)
    {
        var builder = new GraphBuilder();
        build(builder);
        using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(builder.Model));
        return MadeUpSamples.Create(session, builder.Model.Graph, TestContext.Current.CancellationToken);
    }

    private sealed class ByContent : IEqualityComparer<float[]>
    {
        public bool Equals(float[]? x, float[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(float[] obj) => obj.Length;
    }
}
