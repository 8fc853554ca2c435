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
    public void A_compilation_without_samples_is_compared_on_them()
    {
        CompileResult result = Compiler.Compile(OnnxReader.Read(Repository.DigitsModel), new CompileOptions(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Agreement!.IsMadeUp);
        Assert.Equal(8, result.Agreement.Samples);
        Assert.InRange(result.Agreement.Outputs[0].SqnrDb, 100, double.PositiveInfinity);
        Assert.NotNull(result.LatencyRatio);
    }

    private static SampleSet? Create(Action<GraphBuilder> build)
    {
        var builder = new GraphBuilder();
        build(builder);
        using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(builder.Model));
        return MadeUpSamples.Create(session, TestContext.Current.CancellationToken);
    }

    private sealed class ByContent : IEqualityComparer<float[]>
    {
        public bool Equals(float[]? x, float[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(float[] obj) => obj.Length;
    }
}
