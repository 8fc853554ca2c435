using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>A model after passes that put its weights in fewer bits, compared with what it was: on ONNX Runtime, and by the graph that it runs.</summary>
internal sealed class Quantized
{
    private readonly FusedGraph _fused;

    private Quantized(Model model, PassContext context, byte[] before)
    {
        Model = model;
        Context = context;
        Bytes = OnnxWriter.ToBytes(model);
        BytesBefore = before.Length;
        _fused = FusedGraph.Of(Bytes);
        WorstCosine = Worst(before, Bytes, model);
    }

    public Model Model { get; }

    public PassContext Context { get; }

    public byte[] Bytes { get; }

    public int BytesBefore { get; }

    /// <summary>The smallest cosine between an output before and after, over normal inputs.</summary>
    public double WorstCosine { get; }

    public string Refusal => Context.Events.First(e => e.Kind == PassEventKind.Refused).Text;

    /// <summary>How many nodes of an operator ONNX Runtime runs.</summary>
    public int Count(string opType) => _fused.Operators.GetValueOrDefault(opType);

    public static Quantized By(Model model, params IReadOnlyList<IPass> passes) => By(model, TargetProfile.CpuPortable, passes);

    public static Quantized By(Model model, TargetProfile target, params IReadOnlyList<IPass> passes)
    {
        model.InferTypes();
        byte[] before = OnnxWriter.ToBytes(model);
        var context = new PassContext(model, target);
        PassPipeline.Weights(passes).Run(context);
        Xunit.Assert.Empty(GraphVerifier.Verify(model));
        return new Quantized(model, context, before);
    }

    private static double Worst(byte[] before, byte[] after, Model model)
    {
        using InferenceSession first = InferenceSession.Open(before), second = InferenceSession.Open(after);
        double worst = 1;
        for (int seed = 1; seed <= 3; seed++)
        {
            (string, TensorBuffer)[] inputs = [.. model.Graph.Inputs.Where(i => i.Initializer is null).Select((input, i) => (input.Name, Sample(input, seed + i)))];
            foreach ((TensorBuffer x, TensorBuffer y) in first.Run(inputs).Zip(second.Run(inputs)))
                if (x.ElementType == TensorElementType.Float32) worst = Math.Min(worst, Cosine(x.AsSpan<float>(), y.AsSpan<float>()));
        }
        return worst;
    }

    private static TensorBuffer Sample(Value input, int seed)
    {
        long[] shape = [.. input.Shape!.Select(d => d.ValueOrNull ?? 3)];
        Tensor tensor = input.ElementType == ElementType.Float ? TestTensors.Normal(seed, shape) : TestTensors.Random(input.ElementType, seed, shape);
        byte[] bytes = tensor.Bytes.ToArray();
        // Indices from 0 on.
        if (input.ElementType == ElementType.Int64) foreach (ref long i in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(bytes.AsSpan())) i = Math.Abs(i);
        return TensorBuffer.Create((TensorElementType)input.ElementType, shape, bytes);
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
        return xx == 0 && yy == 0 ? 1 : xy / Math.Sqrt(xx * yy);
    }
}
