using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Calibration;

public class NormalizationStatisticsTests
{
    [Fact]
    public void Behind_each_normalization_channels_have_the_mean_and_deviation_of_training()
    {
        float[] gamma = [1, 2, 0.5f, 3], beta = [0, -1, 2, 5];
        var b = new GraphBuilder(13);
        Value x = b.Input("x", 2, 3, 6, 6);
        Value first = Normalized(b, b.Op("Conv", x, b.Weights(1, 4, 3, 1, 1)), gamma, beta);
        Value second = Normalized(b, b.Op("Conv", b.Op("Relu", first), b.Weights(2, 4, 4, 1, 1)), gamma, beta);
        b.Output("first", first).Output("second", second);
        b.Model.InferTypes();
        TensorBuffer input = TensorBuffer.Create([2, 3, 6, 6], TestTensors.Normal(3, 2, 3, 6, 6).Floats());

        Assert.Equal(2, NormalizationStatistics.Match(b.Model, [[("x", input)]], TestContext.Current.CancellationToken));

        using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(b.Model));
        foreach (TensorBuffer output in session.Run([("x", input)]))
        {
            for (int c = 0; c < 4; c++)
            {
                float[] channel = [.. Enumerable.Range(0, 2 * 36).Select(i => output.AsSpan<float>()[i / 36 * 4 * 36 + c * 36 + i % 36])];
                double mean = channel.Average(v => (double)v), deviation = Math.Sqrt(channel.Average(v => (v - mean) * (v - mean)));
                Assert.Equal(beta[c], mean, 1e-3);
                Assert.Equal(gamma[c], deviation, 1e-2);
            }
        }
    }

    [Fact]
    public void Without_samples_a_trained_network_comes_out_nearly_as_with_them()
    {
        Model model = OnnxReader.Read(Repository.DigitsModel);
        CompileResult result = Compiler.Compile(model, new CompileOptions { Precision = Precision.Int8, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains(result.Warnings, warning => warning.Code == "OM2231");
        Assert.Equal((7, 0), (result.QuantizedNodes, result.FloatNodes));
        using InferenceSession source = InferenceSession.Open(Repository.DigitsModel), compiled = InferenceSession.Open(OnnxWriter.ToBytes(result.Model));
        SampleSet real = SampleSet.Open(Repository.DigitsCalibration, SampleInput.Of(OnnxReader.Read(Repository.DigitsModel)));
        // Calibrated on the random inputs alone it is 16 dB.
        Assert.InRange(OutputComparison.Run(source, compiled, real, 16, cancellationToken: TestContext.Current.CancellationToken).Agreement.Outputs[0].SqnrDb, 35, 100);
    }

    private static Value Normalized(GraphBuilder b, Value x, float[] gamma, float[] beta) =>
        b.Op("BatchNormalization", x, b.Constant(gamma), b.Constant(beta), b.Constant([9f, 9, 9, 9]), b.Constant([100f, 100, 100, 100]));
}
