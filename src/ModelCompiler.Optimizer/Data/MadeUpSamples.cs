using System.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Random inputs for a model that came without samples: enough to see that the compiled model computes the same, and how fast it does. What
/// sizes an open dimension may have only the model knows, so sizes are tried until it runs. Every other sample is smooth: neighbouring pixels, frames and steps of
/// real inputs are alike, and add up in a product where noise cancels out, so that ranges of noise alone would cut off most of what a network computes.
/// </summary>
internal static class MadeUpSamples
{
    /// <summary>Sizes of open dimensions beyond the batch: common for pictures and sequences first, then what odd models take.</summary>
    private static readonly long[] Sizes = [64, 224, 16, 1, 8, 512];

    private const int MaxSamples = 8;

    /// <summary>Of a smooth sample: how many waves it is the sum of, and how often they repeat along an axis at most.</summary>
    private const int Waves = 4, MostCycles = 3;

    /// <summary>A shorter axis is of channels, which are alike in every other smooth sample, as those of gray pictures are.</summary>
    private const int ShortestAxis = 8;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(4);

    /// <summary>Samples that <paramref name="session"/> runs on; null where it runs on none of those tried.</summary>
    public static SampleSet? Create(InferenceSession session, CancellationToken cancellationToken)
    {
        foreach (long size in HasOpenDimensions(session) ? Sizes : Sizes[..1])
        {
            cancellationToken.ThrowIfCancellationRequested();
            var samples = new List<SampleBatch>();
            long start = Stopwatch.GetTimestamp();
            // Each is run, as another may take another branch.
            while (samples.Count < MaxSamples && TryRun(session, size, samples.Count + 1, cancellationToken) is { } sample)
            {
                samples.Add(sample);
                if (Stopwatch.GetElapsedTime(start) > MaxTime) break;
            }
            if (samples.Count > 0) return SampleSet.MadeUp(samples);
        }
        return null;
    }

    private static bool HasOpenDimensions(InferenceSession session) => session.Inputs.Any(input => input.Shape is { } shape && shape.Skip(1).Any(dim => dim < 0));

    private static SampleBatch? TryRun(InferenceSession session, long size, int seed, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<(string Name, TensorBuffer Value)> inputs = RandomInputs.Create(session.Inputs, 1, OpenDimensions(session, size), seed);
            if (int.IsEvenInteger(seed)) Smooth(inputs.Select(input => input.Value).Where(value => value.ElementType == TensorElementType.Float32), areChannelsAlike: seed % 4 == 0, new Random(seed));
            ModelValue[] outputs = session.RunValues([.. inputs.Select(input => (input.Name, (ModelValue)input.Value))], cancellationToken: cancellationToken);
            // Inputs that make a model break its own word about its outputs, such as the shape that it expands to, are none that it was made for.
            return session.Outputs.Zip(outputs, KeepsShape).All(keeps => keeps) ? new SampleBatch(inputs, 1, 1, ReadOnlyMemory<long>.Empty) : null;
        }
        catch (Exception e) when (e is CompilerException or OnnxRuntimeException or TensorMismatchException)
        {
            // An input that is no tensor of numbers, or a size that the model does not take: that is what trying is for.
            return null;
        }
    }

    /// <summary>Sums of slow waves, of variance one as inputs that were brought to the same scale.</summary>
    private static void Smooth(IEnumerable<TensorBuffer> tensors, bool areChannelsAlike, Random random)
    {
        foreach (TensorBuffer tensor in tensors)
        {
            Span<float> numbers = tensor.AsSpan<float>();
            numbers.Clear();
            for (int wave = 0; wave < Waves; wave++) AddWave(numbers, tensor.Shape, areChannelsAlike, random);
        }
    }

    private static void AddWave(Span<float> numbers, ReadOnlySpan<long> shape, bool areChannelsAlike, Random random)
    {
        var steps = new double[shape.Length];
        for (int axis = 0; axis < steps.Length; axis++)
        {
            double step = random.NextDouble();
            if (shape[axis] >= ShortestAxis) step = (2 * step - 1) * MostCycles / shape[axis];
            else if (areChannelsAlike) step = 0;
            steps[axis] = Math.Tau * step;
        }
        double amplitude = Math.Sqrt(2.0 / Waves), start = Math.Tau * random.NextDouble();
        for (int i = 0; i < numbers.Length; i++)
        {
            double phase = start;
            long rest = i;
            for (int axis = steps.Length - 1; axis >= 0; axis--)
            {
                phase += steps[axis] * (rest % shape[axis]);
                rest /= shape[axis];
            }
            numbers[i] += (float)(amplitude * Math.Sin(phase));
        }
    }

    private static bool KeepsShape(TensorInfo declared, ModelValue value) => declared.Shape is not { } shape || value is not ModelValue.Tensor { Buffer: var output }
        || (shape.Count == output.Shape.Length && shape.Zip(output.Shape.ToArray(), (size, actual) => size < 0 || size == actual).All(fits => fits));

    /// <summary>All but the batch: by symbol, so that equal ones stay equal.</summary>
    private static Dictionary<string, long> OpenDimensions(InferenceSession session, long size)
    {
        string?[] batchSymbols = [.. session.Inputs.Where(input => input.Shape is [-1, ..]).Select(input => input.Symbols[0])];
        var dimensions = new Dictionary<string, long>();
        foreach (TensorInfo input in session.Inputs)
        {
            for (int axis = 1; axis < (input.Shape?.Count ?? 0); axis++)
            {
                if (input.Shape![axis] >= 0 || (input.Symbols[axis] is { } symbol && batchSymbols.Contains(symbol))) continue;
                dimensions[input.Symbols[axis] ?? FormattableString.Invariant($"{input.Name}:{axis}")] = size;
            }
        }
        return dimensions;
    }
}
