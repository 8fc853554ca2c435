using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using ModelCompiler.Tests.Text;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// The public text recognizer and classifier on rendered lines, compiled in every precision on other lines: lines read as they were written and
/// as the original reads them, and time over the original's.
/// </summary>
internal static class TextLineBenchmark
{
    private const int Lines = 200, CalibrationLines = 32, TimedLines = 3, SecondsPerLine = 4;

    public static int Run(string precision)
    {
        string folder = Directory.CreateTempSubdirectory("modelc-lines-").FullName;
        try
        {
            Console.WriteLine($"{"model",-12} {"precision",-12} {"correct",9} {"original",9} {"alike",6} {"ratio",6} {"KiB",6} {"integer",8} {"float",6}");
            foreach (Precision p in Enum.GetValues<Precision>().Where(p => p != Precision.Auto && (precision.Length == 0 || p.ToString() == precision)))
            {
                Recognizer(p, folder);
                Classifier(p, folder);
            }
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Recognizer(Precision precision, string folder)
    {
        string path = PublicModels.PathOf(PublicModels.Recognizer), calibration = TextRecognition.WriteForRecognizer(Path.Combine(folder, "lines"), TextLine.Random(1, CalibrationLines));
        CompileResult result = Compile(path, new CompileOptions { Precision = precision, CalibrationPath = calibration });
        using InferenceSession source = InferenceSession.Open(path), compiled = InferenceSession.Open(OnnxWriter.ToBytes(result.Model));
        TextLine[] lines = [.. TextLine.Random(2, Lines)];
        double ratio = Math.Exp(lines.Take(TimedLines).Average(line => Math.Log(Ratio(source, compiled, TextRecognition.Input(line)))));
        (string, IEnumerable<TextLine>)[] sets = [("recognizer", lines), ("... again", TextLine.Random(3, Lines)), ("... unlike", TextLine.Unlike(4, Lines))];
        foreach ((string name, IEnumerable<TextLine> set) in sets)
        {
            (int correct, int original, int alike) = Counts(source, compiled, set);
            Print(name, result, correct, original, alike, ratio);
        }
    }

    /// <summary>Lines that the compiled model reads right, that the original does, and that both read alike.</summary>
    private static (int Correct, int Original, int Alike) Counts(InferenceSession source, InferenceSession compiled, IEnumerable<TextLine> lines)
    {
        int correct = 0, original = 0, alike = 0;
        foreach (TextLine line in lines)
        {
            string first = TextRecognition.Read(source, line), second = TextRecognition.Read(compiled, line), written = line.Text.Replace(" ", "", StringComparison.Ordinal);
            if (first == written) original++;
            if (second == written) correct++;
            if (first == second) alike++;
        }
        return (correct, original, alike);
    }

    private static void Classifier(Precision precision, string folder)
    {
        string path = PublicModels.PathOf(PublicModels.Classifier);
        string calibration = TextRecognition.WriteForClassifier(Path.Combine(folder, "calibration.npz"), TextLine.Random(1, CalibrationLines));
        string evaluation = TextRecognition.WriteForClassifier(Path.Combine(folder, "evaluation.npz"), TextLine.Random(2, Lines));
        CompileResult result = Compile(path, new CompileOptions { Precision = precision, CalibrationPath = calibration });
        using InferenceSession source = InferenceSession.Open(path), compiled = InferenceSession.Open(OnnxWriter.ToBytes(result.Model));
        var labelled = SampleSet.Open(evaluation, SampleInput.Of(OnnxReader.Read(path)));
        ComparisonResult comparison = OutputComparison.Run(source, compiled, labelled, 16);
        double ratio = Ratio(source, compiled, [.. labelled.Read().First().Inputs]);
        Print("classifier", result, comparison.Accuracy!.Value.B.Correct, comparison.Accuracy.Value.A.Correct, (long)Math.Round(Lines * comparison.Agreement.Outputs[0].Top1Agreement!.Value), ratio);
    }

    private static CompileResult Compile(string path, CompileOptions options) =>
        Compiler.Compile(OnnxReader.Read(path), options, new Progress());

    private static double Ratio(InferenceSession source, InferenceSession compiled, IReadOnlyList<(string, TensorBuffer)> inputs) =>
        LatencyComparison.Measure([(source, inputs), (compiled, inputs)], new LatencyBudget(TimeSpan.FromSeconds(SecondsPerLine))).Figures[1].Ratio;

    private static void Print(string model, CompileResult result, long correct, long original, long alike, double ratio) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{model,-12} {result.Plan.Precision,-12} {correct,9} {original,9} {alike,6} {ratio,6:F2} {OnnxWriter.ToBytes(result.Model).Length / 1024,6} {result.QuantizedNodes,8} {result.FloatNodes,6}  {result.Plan}"));

    private sealed class Progress : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine("  " + value);
    }
}
