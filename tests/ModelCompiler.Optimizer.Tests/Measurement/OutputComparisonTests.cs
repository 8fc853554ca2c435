using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

/// <summary>On real sessions: models that multiply their input [N, 2] by a number and add another.</summary>
public sealed class OutputComparisonTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Measures_agreement_and_accuracy_over_all_samples_whatever_the_batch()
    {
        using InferenceSession a = Affine(1, 0);
        using InferenceSession b = Affine(-1, 0.5f);
        SampleSet samples = Samples(Dim.Named("N"), labels: [1, 0, 1]);
        foreach (int batch in new[] { 1, 2, 3 })
        {
            ComparisonResult result = OutputComparison.Run(a, b, samples, batch);
            // The samples are (0, 1), (2, 3), (4, 5): a gives class 1 each time, b class 0.
            OutputAgreement output = Assert.Single(result.Agreement.Outputs);
            Assert.Equal(3, result.Agreement.Samples);
            Assert.Equal(9.5, output.MaxAbs);
            Assert.Equal(0, output.Top1Agreement);
            Assert.Equal(new Accuracy(2, 3), result.Accuracy?.A);
            Assert.Equal(new Accuracy(1, 3), result.Accuracy?.B);
        }
    }

    [Fact]
    public void Does_not_count_what_fills_up_a_fixed_batch()
    {
        using InferenceSession a = Affine(1, 0, Dim.Of(2));
        using InferenceSession b = Affine(1, 0, Dim.Of(2));
        ComparisonResult result = OutputComparison.Run(a, b, Samples(Dim.Of(2), labels: [1, 1, 0]));
        Assert.Equal(double.PositiveInfinity, result.Agreement.Outputs[0].SqnrDb);
        Assert.Equal(new Accuracy(2, 3), result.Accuracy?.A);
    }

    [Fact]
    public void Matches_by_position_where_no_name_is_shared()
    {
        using InferenceSession a = Affine(1, 0);
        using InferenceSession b = Affine(1, 0, Dim.Named("M"), "image", "scores");
        ComparisonResult result = OutputComparison.Run(a, b, Samples(Dim.Named("N"), labels: null));
        Assert.Equal("y", result.Agreement.Outputs[0].Name);
        Assert.Equal(0, result.Agreement.Outputs[0].MaxAbs);
        Assert.Null(result.Accuracy);
    }

    [Fact]
    public void Refuses_models_that_have_nothing_in_common()
    {
        using InferenceSession a = Affine(1, 0);
        var builder = new GraphBuilder();
        builder.Output("sum", builder.Op("Add", builder.Input("p", 2), builder.Input("q", 2)), new TensorType(ElementType.Float, null));
        using InferenceSession b = InferenceSession.Open(OnnxWriter.ToBytes(builder.Model));
        var error = Assert.Throws<CompilerException>(() => OutputComparison.Run(a, b, Samples(Dim.Named("N"), labels: null)));
        Assert.Equal("OM2219", error.Code);
        Assert.Contains("p, q", error.Message, StringComparison.Ordinal);
    }

    private SampleSet Samples(Dim batch, long[]? labels)
    {
        byte[] inputs = NumpyFiles.Ramp(0, 3, 2);
        byte[] file = labels is null ? NumpyFiles.Npz(("x", inputs)) : NumpyFiles.Npz(("x", inputs), ("labels", NumpyFiles.Npy<long>(labels, labels.Length)));
        return SampleSet.Open(_folder.Write("samples.npz", file), [new SampleInput("x", ElementType.Float, new Shape(batch, 2))]);
    }

    private static InferenceSession Affine(float factor, float summand) => Affine(factor, summand, Dim.Named("N"));

    private static InferenceSession Affine(float factor, float summand, Dim batch, string input = "x", string output = "y")
    {
        var builder = new GraphBuilder();
        Value product = builder.Op("Mul", builder.Input(input, batch, 2), builder.Scalar(factor));
        builder.Output(output, builder.Op("Add", product, builder.Scalar(summand)), new TensorType(ElementType.Float, new Shape(batch, 2)));
        return InferenceSession.Open(OnnxWriter.ToBytes(builder.Model));
    }
}
