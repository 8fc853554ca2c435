using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Networks that were trained (tests/ModelCompiler.Benchmarks/Trained): their accuracy on samples that neither training nor calibration has seen.</summary>
public class TrainedModelTests
{
    /// <summary>Points of accuracy that int8 may lose: two of two thousand samples.</summary>
    private const double Points = 0.1;

    /// <summary>The same where nothing tells the compiler what accuracy is: five of them.</summary>
    private const double PointsWithoutLabels = 0.25;

    [Theory]
    // Above 36 dB there is nothing to round better.
    [InlineData("small-cnn", false)]
    [InlineData("small-resnet", true)]
    [InlineData("mobilenet-v3-like", true)]
    [InlineData("small-vit", true)]
    [InlineData("tabular-mlp", false)]
    // Channels a million times apart: without evening them out, what remains is guessing.
    [InlineData("unbalanced-cnn", false)]
    public void Int8_answers_as_many_samples_right_as_the_trained_network(string name, bool isRounded)
    {
        string data = name == "tabular-mlp" ? Repository.Trained("tabular-") : Repository.DigitsData;
        var options = new CompileOptions { Precision = Precision.Int8, CalibrationPath = data + "calibration.npz", EvaluationPath = data + "evaluation.npz", MaxAccuracyDrop = Points, MeasureLatency = false };

        CompileResult result = Compiler.Compile(OnnxReader.Read(Repository.Trained(name + ".onnx")), options, cancellationToken: TestContext.Current.CancellationToken);

        (double source, double compiled) = result.Accuracy!.Value;
        Assert.InRange(source, 90, 100);
        Assert.InRange(compiled, source - Points - 1e-9, 100);
        Assert.InRange(result.FloatNodes, 0, result.QuantizedNodes);
        Assert.Equal(isRounded, result.Plan.Choices.ContainsKey("rounding"));
    }

    [Theory]
    [InlineData("small-resnet")]
    [InlineData("mobilenet-v3-like")]
    [InlineData("unbalanced-cnn")]
    public void Without_labels_the_default_budget_keeps_nearly_as_many(string name)
    {
        var options = new CompileOptions { Precision = Precision.Mixed, CalibrationPath = Repository.DigitsData + "calibration.npz", MeasureLatency = false };
        Model source = OnnxReader.Read(Repository.Trained(name + ".onnx"));

        CompileResult result = Compiler.Compile(source, options, cancellationToken: TestContext.Current.CancellationToken);

        SampleSet labelled = SampleSet.Open(Repository.DigitsData + "evaluation.npz", SampleInput.Of(source));
        using InferenceSession a = InferenceSession.Open(Repository.Trained(name + ".onnx")), b = InferenceSession.Open(OnnxWriter.ToBytes(result.Model));
        (Accuracy A, Accuracy B) accuracy = OutputComparison.Run(a, b, labelled, 16, cancellationToken: TestContext.Current.CancellationToken).Accuracy!.Value;
        Assert.InRange(accuracy.B.Percent, accuracy.A.Percent - PointsWithoutLabels - 1e-9, 100);
    }

    [Theory]
    // A table of standardized columns, and channels a million times apart: inputs in [-1, 1) left 8 and 0 dB of them.
    [InlineData("tabular-mlp", 18)]
    [InlineData("unbalanced-cnn", 32)]
    [InlineData("small-cnn", 36)]
    [InlineData("small-resnet", 26)]
    public void Without_any_samples_int8_still_answers_like_the_trained_network(string name, double decibels)
    {
        Model source = OnnxReader.Read(Repository.Trained(name + ".onnx"));
        SampleSet real = SampleSet.Open((name == "tabular-mlp" ? Repository.Trained("tabular-") : Repository.DigitsData) + "calibration.npz", SampleInput.Of(source));

        CompileResult result = Compiler.Compile(source, new CompileOptions { Precision = Precision.Int8, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);

        using InferenceSession a = InferenceSession.Open(Repository.Trained(name + ".onnx")), b = InferenceSession.Open(OnnxWriter.ToBytes(result.Model));
        Assert.InRange(OutputComparison.Run(a, b, real, 16, cancellationToken: TestContext.Current.CancellationToken).Agreement.Outputs[0].SqnrDb, decibels, 100);
    }
}
