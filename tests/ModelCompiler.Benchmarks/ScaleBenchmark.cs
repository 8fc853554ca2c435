using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Benchmarks;

/// <summary>The float passes on deep residual graphs of growing size: time per node must stay flat, and memory within 1 GiB.</summary>
internal static class ScaleBenchmark
{
    public static int Run()
    {
        Console.WriteLine($"{"nodes",8} {"after",8} {"seconds",8} {"CPU s",8} {"µs/node",8} {"MiB",6}");
        Measure(1_000);
        foreach (int count in (int[])[1_000, 10_000, 100_000])
        {
            (int after, double seconds, double processor) = Measure(count);
            double memory = Process.GetCurrentProcess().PeakWorkingSet64 / (1024.0 * 1024.0);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,8} {after,8} {seconds,8:F2} {processor,8:F2} {1e6 * seconds / count,8:F1} {memory,6:F0}"));
        }
        return 0;
    }

    private static (int NodesAfter, double Seconds, double ProcessorSeconds) Measure(int count)
    {
        Model model = Build(count);
        long start = Stopwatch.GetTimestamp();
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        PassPipeline.Float.Run(new PassContext(model, TargetProfile.CpuPortable));
        return (model.Graph.Nodes.Count, Stopwatch.GetElapsedTime(start).TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
    }

    /// <summary>Blocks of what passes look for: Conv with BatchNormalization, Relu, a residual Add, Identity, Reshape pairs, constants to fold.</summary>
    private static Model Build(int count)
    {
        var graph = new Graph("scale");
        var model = new Model(graph);
        model.Opsets[""] = 17;
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(1, 4, 8, 8)));
        Value weights = graph.AddInitializer("w", Tensor.Create<float>(Enumerable.Range(0, 16).Select(i => i * 0.01f).ToArray(), 4, 4, 1, 1));
        Value four = graph.AddInitializer("four", Tensor.Vector(1f, 0.5f, 2f, 1f)), shape = graph.AddInitializer("shape", Tensor.Vector(1L, 4, 8, 8)), half = graph.AddInitializer("half", Tensor.Scalar(0.5f));
        while (graph.Nodes.Count < count)
        {
            Value conv = graph.AddNode("Conv", [x, weights]).Output;
            Value norm = graph.AddNode("BatchNormalization", [conv, four, four, four, four]).Output;
            Value same = graph.AddNode("Identity", [graph.AddNode("Relu", [norm]).Output]).Output;
            Value reshaped = graph.AddNode("Reshape", [graph.AddNode("Reshape", [same, shape]).Output, shape]).Output;
            Value constant = graph.AddNode("Mul", [half, half]).Output;
            x = graph.AddNode("Add", [graph.AddNode("Mul", [reshaped, constant]).Output, x]).Output;
        }
        graph.AddOutput(x);
        return model;
    }
}
