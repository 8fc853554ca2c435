using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using ModelCompiler.Tests.Text;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>The public text recognizer on rendered lines, calibrated on other lines. (200 lines and times: benchmark text-lines.)</summary>
public sealed class TextLineTests : IDisposable
{
    private const int Lines = 16;

    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // Its pool of averages runs as one too.
    [InlineData(Precision.Int8, 50)]
    [InlineData(Precision.Int4, 9)]
    public void A_compiled_recognizer_reads_what_the_original_reads(Precision precision, int integerProducts)
    {
        CompileResult result = Compile(precision);
        Assert.Equal(integerProducts, result.QuantizedNodes);
        using InferenceSession source = InferenceSession.Open(PublicModels.PathOf(PublicModels.Recognizer)), compiled = InferenceSession.Open(OnnxWriter.ToBytes(result.Model));
        TextLine[] lines = [.. TextLine.Random(2, Lines)];
        string[] read = [.. lines.Select(line => TextRecognition.Read(source, line))];
        Assert.InRange(lines.Zip(read).Count(pair => pair.First.Text.Replace(" ", "", StringComparison.Ordinal) == pair.Second), Lines - 1, Lines);
        int alike = lines.Zip(read).Count(pair => TextRecognition.Read(compiled, pair.First) == pair.Second);
        Assert.InRange(alike, precision == Precision.Int8 ? Lines - 2 : Lines, Lines);
    }

    [Fact]
    public void Rounding_by_least_squares_takes_noise_from_weights_in_four_bits()
    {
        CompileResult rounded = Compile(Precision.Int4), nearest = Compile(Precision.Int4, new CompilationPlan { Precision = Precision.Int4 });
        Assert.Equal("LeastSquares", rounded.Plan.Choices["rounding"]);
        Assert.True(Decibels(rounded) > Decibels(nearest) + 1, $"{Decibels(rounded)} dB, to the nearest {Decibels(nearest)} dB");
        CompileResult again = Compile(Precision.Int4, rounded.Plan);
        Assert.Equal(OnnxWriter.ToBytes(rounded.Model), OnnxWriter.ToBytes(again.Model));
    }

    private static double Decibels(CompileResult result) => result.Agreement!.Outputs[0].SqnrDb;

    private CompileResult Compile(Precision precision, CompilationPlan? plan = null)
    {
        string calibration = TextRecognition.WriteForRecognizer(Path.Combine(_folder.Folder, "lines"), TextLine.Random(1, 6));
        CompileOptions options = new() { Precision = precision, CalibrationPath = calibration, MeasureLatency = false, Plan = plan };
        return Compiler.Compile(OnnxReader.Read(PublicModels.PathOf(PublicModels.Recognizer)), options, cancellationToken: TestContext.Current.CancellationToken);
    }
}
