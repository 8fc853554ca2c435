using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using ModelCompiler.Onnx;

namespace ModelCompiler.Benchmarks;

/// <summary>A model of 4 GiB in external data through <c>modelc compile</c>: time, and the peak memory of the process, which must stay within 1.5 GiB.</summary>
internal static class LargeModelBenchmark
{
    private const double MaxGiB = 1.5;
    private const int Layers = 64, Width = 4096;

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("modelc-large-").FullName;
        try
        {
            string source = Path.Combine(folder, "large.onnx"), output = Path.Combine(folder, "compiled");
            OnnxWriter.Write(Build(), source, new WriteOptions { ExternalData = true });
            long start = Stopwatch.GetTimestamp();
            ToolRun run = ToolRun.Of(TimeSpan.FromMinutes(10), "compile", source, "--precision", "Float32", "-o", output);
            if (run.ExitCode != 0) throw new InvalidOperationException($"modelc gave {run.ExitCode}: {run.Error}");
            double peak = run.PeakMiB / 1024;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double before = SizeOf(source), after = SizeOf(Path.Combine(output, "large.onnx"));
            int nodes = OnnxReader.Read(Path.Combine(output, "large.onnx")).Graph.Nodes.Count;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{before:F2} → {after:F2} GiB, {3 * Layers + Layers / 4} → {nodes} nodes, {seconds:F1} s, peak memory {peak:F2} GiB (limit {MaxGiB})"));
            return peak <= MaxGiB ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double SizeOf(string model) => (new FileInfo(model).Length + new FileInfo(model + ".data").Length) / (1024.0 * 1024 * 1024);

    /// <summary>Dense layers of 64 MiB each; every fourth as PyTorch writes it, with its weights to be transposed.</summary>
    private static Model Build()
    {
        var graph = new Graph("large");
        var model = new Model(graph);
        model.Opsets[""] = 17;
        Value x = graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(1, Width)));
        for (int layer = 0; layer < Layers; layer++)
        {
            Value weights = graph.AddInitializer($"w{layer}", new Tensor(ElementType.Float, [Width, Width], new RandomWeights(layer)));
            if (layer % 4 == 0) weights = graph.AddNode("Transpose", [weights]).Output;
            Value bias = graph.AddInitializer($"b{layer}", Tensor.Create<float>(Enumerable.Range(0, Width).Select(i => (layer + i) * 1e-6f).ToArray(), Width));
            x = graph.AddNode("Relu", [graph.AddNode("Add", [graph.AddNode("MatMul", [x, weights]).Output, bias]).Output]).Output;
        }
        graph.AddOutput(x);
        return model;
    }

    /// <summary>Weights of a few hundredths, made when they are read.</summary>
    private sealed class RandomWeights(int layer) : TensorData
    {
        public override long Length => (long)Width * Width * sizeof(float);

        public override void Read(long offset, Span<byte> destination)
        {
            for (int i = 0; i + sizeof(float) <= destination.Length; i += sizeof(float))
            {
                ulong bits = ((ulong)(offset + i) + ((ulong)layer << 40)) * 0x9E3779B97F4A7C15;
                BinaryPrimitives.WriteSingleLittleEndian(destination[i..], ((int)(bits >> 40) - (1 << 23)) * 3e-9f);
            }
        }
    }
}
