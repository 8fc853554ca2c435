using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Networks that were trained (tests/ModelCompiler.Benchmarks/Trained): their accuracy on samples that neither training nor calibration has seen.</summary>
public class TrainedModelTests
{
    /// <summary>Points of accuracy that int8 may lose: two of the two thousand samples.</summary>
    private const double Points = 0.1;

    [Theory]
    [InlineData("small-cnn")]
    [InlineData("small-resnet")]
    [InlineData("mobilenet-v3-like")]
    [InlineData("small-vit")]
    [InlineData("tabular-mlp")]
    // Channels a million times apart: without evening them out, what remains is guessing.
    [InlineData("unbalanced-cnn")]
    public void Int8_answers_as_many_samples_right_as_the_trained_network(string name)
    {
        string data = name == "tabular-mlp" ? Repository.Trained("tabular-") : Repository.DigitsData;
        var options = new CompileOptions { Precision = Precision.Int8, CalibrationPath = data + "calibration.npz", EvaluationPath = data + "evaluation.npz", MaxAccuracyDrop = Points, MeasureLatency = false };

        CompileResult result = Compiler.Compile(OnnxReader.Read(Repository.Trained(name + ".onnx")), options, cancellationToken: TestContext.Current.CancellationToken);

        (double source, double compiled) = result.Accuracy!.Value;
        Assert.InRange(source, 90, 100);
        Assert.InRange(compiled, source - Points - 1e-9, 100);
        Assert.InRange(result.FloatNodes, 0, result.QuantizedNodes);
    }
}
