using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>The float passes on the public models, against the original under all of ONNX Runtime's own optimizations: batch 1, one thread, interleaved.</summary>
internal static class FloatBenchmark
{
    public static int Run()
    {
        Console.WriteLine($"{"model",-16} {"nodes",11} {"original ms",12} {"compiled ms",12} {"ratio",6}");
        foreach (PublicModel published in PublicModels.All.Concat(PublicModels.Variants))
        {
            string path = PublicModels.PathOf(published);
            Model model = OnnxReader.Read(path);
            int before = model.Graph.AllNodes().Count(node => node.OpType != "Constant");
            PassPipeline.Float.Run(new PassContext(model, TargetProfile.CpuPortable));
            using InferenceSession original = InferenceSession.Open(path), compiled = InferenceSession.Open(OnnxWriter.ToBytes(model));
            IReadOnlyList<(string, TensorBuffer)> inputs = ExampleInputs.Of(original);
            LatencyResult result = LatencyComparison.Measure([(original, inputs), (compiled, inputs)], new LatencyBudget(TimeSpan.FromSeconds(8)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{published.Name,-16} {before + "→" + model.Graph.AllNodes().Count(),11} {result.Figures[0].MedianMs,12:F3} {result.Figures[1].MedianMs,12:F3} {result.Figures[1].Ratio,6:F2}"));
        }
        return 0;
    }
}
