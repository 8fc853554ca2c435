using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

/// <summary>Quantizes a small model on random samples and compares it, on ONNX Runtime, with what it was.</summary>
internal sealed class StaticInt8
{
    private StaticInt8(FusedGraph fused, double worstCosine, PassContext context, byte[] bytes)
    {
        Fused = fused;
        WorstCosine = worstCosine;
        Context = context;
        Bytes = bytes;
    }

    public FusedGraph Fused { get; }

    public double WorstCosine { get; }

    public PassContext Context { get; }

    public byte[] Bytes { get; }

    public int Count(string op) => Fused.Operators.GetValueOrDefault(op);

    public static StaticInt8 Of(Model model, TargetProfile? target = null, int seed = 11)
    {
        target ??= TargetProfile.CpuPortable;
        model.Graph.SortTopologically();
        byte[] original = OnnxWriter.ToBytes(model);
        List<(string, TensorBuffer)>[] samples = [.. Enumerable.Range(0, 4).Select(i => Sample(model, seed + i))];
        QuantizationPlan plan = QuantizationPlanner.Plan(model.Graph, target);
        Dictionary<string, Histogram> histograms = ActivationCalibrator.Observe(model, plan.Roots(), samples, default);
        Dictionary<Value, ValueRange> ranges = Int8Builder.Ranges(plan, histograms, _ => RangeMethod.MinMax);
        var context = new PassContext(model, target);
        PassPipeline.Quantization(new StaticQuantization(plan, ranges)).Run(context);
        byte[] quantized = OnnxWriter.ToBytes(model);
        return new StaticInt8(FusedGraph.Of(quantized), Worst(original, quantized, samples), context, quantized);
    }

    /// <summary>A model laid out for the kernels' numbers of channels, after it answered random inputs as the one that is not, to the bit.</summary>
    public static StaticInt8 LaidOut(Func<Model> build)
    {
        StaticInt8 result = Typed(TargetProfile.CpuPortable), plain = Typed(TargetProfile.CpuPortable with { Channels = null });
        using InferenceSession expected = InferenceSession.Open(plain.Bytes), actual = InferenceSession.Open(result.Bytes);
        for (int seed = 31; seed < 34; seed++)
        {
            long[] shape = [.. expected.Inputs[0].Shape!];
            (string, TensorBuffer)[] inputs = [(expected.Inputs[0].Name, TensorBuffer.Create(shape, TestTensors.Normal(seed, shape).Floats()))];
            TensorBuffer[] before = expected.Run(inputs), after = actual.Run(inputs);
            for (int i = 0; i < before.Length; i++) Assert.Equal(before[i].AsSpan<float>().ToArray(), after[i].AsSpan<float>().ToArray());
        }
        return result;

        StaticInt8 Typed(TargetProfile target)
        {
            Model model = build();
            model.InferTypes();
            return Of(model, target);
        }
    }

    private static List<(string, TensorBuffer)> Sample(Model model, int seed) =>
    [
        .. model.Graph.Inputs.Select(input =>
        {
            long[] shape = [.. input.Shape!.Select(d => d.ValueOrNull ?? 2)];
            return (input.Name, TensorBuffer.Create(shape, TestTensors.Normal(seed, shape).Floats()));
        }),
    ];

    private static double Worst(byte[] a, byte[] b, IEnumerable<List<(string, TensorBuffer)>> samples)
    {
        using InferenceSession first = InferenceSession.Open(a), second = InferenceSession.Open(b, ExactIntegers.For(OnnxReader.Read(b)));
        double worst = 1;
        foreach (List<(string, TensorBuffer)> sample in samples)
        {
            foreach ((TensorBuffer x, TensorBuffer y) in first.Run(sample).Zip(second.Run(sample)))
                worst = Math.Min(worst, Cosine(x.AsSpan<float>(), y.AsSpan<float>()));
        }
        return worst;
    }

    private static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            xy += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }
        return xy / Math.Sqrt(xx * yy);
    }
}
