using System.Collections.Frozen;
using System.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Inputs for a model that came without samples (<see cref="MadeUpNumbers"/>): enough to see that the compiled model computes the same, and how fast it does. What
/// sizes an open dimension may have only the model knows, so sizes are tried until it runs.
/// </summary>
internal static class MadeUpSamples
{
    /// <summary>Sizes of open dimensions beyond the batch: common for pictures and sequences first, then what odd models take.</summary>
    private static readonly long[] Sizes = [64, 224, 16, 1, 8, 512];

    /// <summary>Elements that an input may have in the sizes that are tried: a picture of 512 × 512 pixels with 64 channels.</summary>
    private const double MaxElements = 1 << 24;

    private const int MaxSamples = 8;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(4);

    /// <summary>Samples that a model runs on; null where it runs on none of those tried.</summary>
    /// <param name="session">The model.</param>
    /// <param name="graph">The model's graph, by which inputs are of the size that it was made for; null where it is not known.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    public static SampleSet? Create(InferenceSession session, Graph? graph, CancellationToken cancellationToken)
    {
        Hints hints = graph is null ? Hints.None : new Hints(IndexedRows.Of(graph), LeadingArithmetic.Of(graph));
        foreach (long size in HasOpenDimensions(session) ? Sizes.Where(size => ElementsOfLargest(session, size) <= Math.Max(MaxElements, ElementsOfLargest(session, 1))) : Sizes[..1])
        {
            cancellationToken.ThrowIfCancellationRequested();
            var samples = new List<SampleBatch>();
            long start = Stopwatch.GetTimestamp();
            // Each is run, as another may take another branch.
            while (samples.Count < MaxSamples && Next(samples.Count + 1) is { } sample)
            {
                samples.Add(sample);
                if (Stopwatch.GetElapsedTime(start) > MaxTime) break;
            }
            if (samples.Count > 0) return SampleSet.MadeUp(samples);

            // Some models take nothing but small numbers, zeros and ones.
            SampleBatch? Next(int number) => TryRun(session, hints, size, number, cancellationToken) ?? TryRun(session, null, size, number, cancellationToken);
        }
        return null;
    }

    private static bool HasOpenDimensions(InferenceSession session) => session.Inputs.Any(input => input.Shape is { } shape && shape.Skip(1).Any(dim => dim < 0));

    /// <summary>Of a volume with three open dimensions, the larger sizes make what takes all memory. What is as large by its own has no smaller one.</summary>
    private static double ElementsOfLargest(InferenceSession session, long size) =>
        session.Inputs.Max(input => input.Shape?.Skip(1).Aggregate(1d, (count, dim) => count * (dim < 0 ? size : dim)) ?? 0);

    /// <summary>Inputs of one sample; plain ones where <paramref name="hints"/> is null.</summary>
    private static IReadOnlyList<(string Name, TensorBuffer Value)> Make(InferenceSession session, Hints? hints, long size, int number)
    {
        IReadOnlyList<(string Name, TensorBuffer Value)> inputs = RandomInputs.Create(session.Inputs, 1, OpenDimensions(session, size), number);
        if (hints is null) return inputs;
        foreach ((string name, TensorBuffer value) in inputs)
        {
            if (MadeUpNumbers.Are(value.ElementType)) FillNumbers(value, hints.Arithmetic.GetValueOrDefault(name), number);
            else if (hints.Rows.TryGetValue(name, out long count)) MadeUpNumbers.FillIndices(value, count, number);
        }
        return inputs;
    }

    private static void FillNumbers(TensorBuffer value, LeadingArithmetic? arithmetic, int number)
    {
        TensorBuffer numbers = value.ElementType == TensorElementType.Float32 ? value : TensorBuffer.Create(TensorElementType.Float32, value.Shape);
        MadeUpNumbers.Fill(numbers, number);
        arithmetic?.Undo(numbers);
        if (numbers != value) MadeUpNumbers.Write(numbers.AsSpan<float>(), value);
    }

    private static SampleBatch? TryRun(InferenceSession session, Hints? hints, long size, int number, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<(string Name, TensorBuffer Value)> inputs = Make(session, hints, size, number);
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

    /// <summary>What a graph tells of the inputs that it was made for.</summary>
    private sealed record Hints(IReadOnlyDictionary<string, long> Rows, IReadOnlyDictionary<string, LeadingArithmetic> Arithmetic)
    {
        public static Hints None { get; } = new(FrozenDictionary<string, long>.Empty, FrozenDictionary<string, LeadingArithmetic>.Empty);
    }
}
