using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// Two models, one of which reads what the other writes: timed in turns with the tensor copied by the program, and with it left where it is
/// (<see cref="PreparedRun.Feed"/>).
/// </summary>
internal static class ChainBenchmark
{
    private static readonly int[] Sizes = [1 << 10, 1 << 16, 1 << 20];

    public static int Run()
    {
        Console.WriteLine($"{"provider",-10} {"floats",9} {"copied ms",10} {"in place ms",12} {"ratio",6}");
        foreach (int size in Sizes) Compare(ExecutionProvider.Cpu, size);
        if (SoftwareVulkan.Unavailable is { } reason)
        {
            Console.WriteLine($"WebGPU: {reason}");
            return 0;
        }
        SoftwareVulkan.Use();
        foreach (int size in Sizes) Compare(ExecutionProvider.WebGpu, size);
        return 0;
    }

    private static void Compare(ExecutionProvider provider, int size)
    {
        var options = new SessionOptions { ExecutionProviders = [new(provider)] };
        using InferenceSession first = InferenceSession.Open(Unary("Neg", size), options), second = InferenceSession.Open(Unary("Abs", size), options);
        using PreparedRun from = new(first), to = new(second), fedFrom = new(first), fed = new(second);
        fedFrom.Feed("y", fed, "x");
        Action copied = () =>
        {
            from.Run();
            from.Output<float>(0).CopyTo(to.Input<float>(0));
            to.Run();
        };
        Action inPlace = () =>
        {
            fedFrom.Run();
            fed.Run();
        };
        LatencyResult measured = LatencyComparison.Measure([copied, inPlace], new LatencyBudget(TimeSpan.FromSeconds(4)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{provider,-10} {size,9} {measured.Figures[0].MedianMs,10:F3} {measured.Figures[1].MedianMs,12:F3} {measured.Figures[1].Ratio,6:F2}"));
    }

    private static byte[] Unary(string op, int size)
    {
        var model = new Model(new Graph("benchmark")) { IrVersion = 8 };
        model.Opsets[""] = 17;
        var type = new TensorType(ElementType.Float, new Shape(size));
        Value y = model.Graph.AddNode(op, [model.Graph.AddInput("x", type)], ["y"]).Output;
        y.Type = type;
        model.Graph.AddOutput(y);
        return OnnxWriter.ToBytes(model);
    }
}
