using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>Static int8 against float32 on trained models: latency at batch 1 with one thread, interleaved; agreement or accuracy; size; cost of compiling.</summary>
internal static class QuantizationBenchmark
{
    public static int Run()
    {
        Console.WriteLine($"{"model",-16} {"float ms",9} {"int8 ms",9} {"ratio",6} {"cosine",8} {"accuracy %",15} {"KiB",13} {"CPU s",6}");
        string sample = Path.Combine(PublicModels.RepositoryRoot, "samples", "DigitClassifier");
        Measure("digits", Path.Combine(sample, "models", "digits.onnx"), new CompileOptions
        {
            Precision = Precision.Int8,
            CalibrationPath = Path.Combine(sample, "data", "calibration.npz"),
            EvaluationPath = Path.Combine(sample, "data", "evaluation.npz"),
            MeasureLatency = false,
        });
        return 0;
    }

    private static void Measure(string name, string path, CompileOptions options)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        CompileResult result = Compiler.Compile(OnnxReader.Read(path), options);
        double cpu = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        byte[] bytes = OnnxWriter.ToBytes(result.Model);
        using InferenceSession original = InferenceSession.Open(path), compiled = InferenceSession.Open(bytes);
        IReadOnlyList<(string, TensorBuffer)> inputs = ExampleInputs.Of(original);
        LatencyResult latency = LatencyComparison.Measure([(original, inputs), (compiled, inputs)], LatencyBudget.Default);
        string accuracy = result.Accuracy is { } a ? string.Create(CultureInfo.InvariantCulture, $"{a.Source:F2}→{a.Compiled:F2}") : "-";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-16} {latency.Figures[0].MedianMs,9:F3} {latency.Figures[1].MedianMs,9:F3} {latency.Figures[1].Ratio,6:F2} {result.Agreement!.Outputs.Min(o => o.Cosine),8:F5} {accuracy,15} {new FileInfo(path).Length / 1024 + "→" + bytes.Length / 1024,13} {cpu,6:F1}"));
    }
}
