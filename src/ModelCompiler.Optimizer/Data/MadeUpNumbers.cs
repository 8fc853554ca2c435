using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Numbers as inputs hold them. What a model was made for stands in no file: samples take turns to be even noise in [−1, 1), normal numbers as standardized
/// columns are, smooth fields as standardized pictures and signals are, and such fields in [0, 1] as pictures are that are only scaled; in every other round
/// the channels of fields are alike, as those of gray pictures are. A range that covers all of them has a step two bits coarser than it need be; one that
/// misses the model's own kind cuts its numbers off.
/// </summary>
internal static class MadeUpNumbers
{
    private const int Kinds = 4;

    /// <summary>An axis no longer than that holds channels, not places.</summary>
    private const int MostChannels = 4;

    /// <summary>How neighbours in a picture go together (the separable first-order model of Jain 1989, "Fundamentals of Digital Image Processing", section 2.11).</summary>
    private const float Correlation = 0.95f;

    /// <summary>Whether elements have a floating point and as much room as numbers in inputs take.</summary>
    public static bool Are(TensorElementType type) => type is TensorElementType.Float32 or TensorElementType.Float64 or TensorElementType.Float16 or TensorElementType.BFloat16;

    /// <summary>Writes numbers in the type of another tensor; not where they have no room in it.</summary>
    /// <param name="numbers">Numbers in float32.</param>
    /// <param name="tensor">A tensor of as many, of another of these types.</param>
    public static void Write(ReadOnlySpan<float> numbers, TensorBuffer tensor)
    {
        switch (tensor.ElementType)
        {
            case TensorElementType.Float64: Convert(numbers, tensor.AsSpan<double>(), number => number); break;
            case TensorElementType.BFloat16: Convert(numbers, tensor.AsSpan<BFloat16>(), number => (BFloat16)number); break;
            case TensorElementType.Float16 when !numbers.ContainsAnyExceptInRange((float)Half.MinValue, (float)Half.MaxValue): Convert(numbers, tensor.AsSpan<Half>(), number => (Half)number); break;
            default: break;
        }
    }

    /// <summary>Fills a tensor of float32.</summary>
    /// <param name="tensor">The tensor, of one sample.</param>
    /// <param name="number">Which sample it is, from 1 on; equal numbers give equal tensors.</param>
    public static void Fill(TensorBuffer tensor, int number)
    {
        var random = new Random(number);
        int kind = (number - 1) % Kinds;
        Span<float> numbers = tensor.AsSpan<float>();
        foreach (ref float element in numbers) element = kind == 0 ? random.NextSingle() * 2 - 1 : (float)random.NextNormal();
        if (kind < 2) return;
        float betweenChannels = (number - 1) / Kinds % 2 == 0 ? 0 : 1;
        for (int axis = 1; axis < tensor.Shape.Length; axis++)
        {
            int inner = (int)tensor.Shape[(axis + 1)..].ToArray().Aggregate(1L, (product, size) => product * size);
            Smooth(numbers, (int)tensor.Shape[axis], inner, tensor.Shape[axis] > MostChannels ? Correlation : betweenChannels);
        }
        if (kind < 3) return;
        foreach (ref float element in numbers) element = Math.Clamp(0.5f + element / 4, 0, 1);
    }

    /// <summary>Fills a tensor of int32 or int64 with rows of a table: half of the samples take all alike, the others the first ones more often, as vocabularies are sorted.</summary>
    /// <param name="tensor">The tensor, of one sample.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="number">Which sample it is, from 1 on.</param>
    public static void FillIndices(TensorBuffer tensor, long rows, int number)
    {
        var random = new Random(number);
        for (int i = 0; i < tensor.Length; i++)
        {
            // A logarithm that is even is Zipf's law.
            long row = number % 2 == 0 ? random.NextInt64(rows) : Math.Min((long)Math.Pow(rows, random.NextDouble()) - 1, rows - 1);
            if (tensor.ElementType == TensorElementType.Int64) tensor.AsSpan<long>()[i] = row;
            else tensor.AsSpan<int>()[i] = (int)row;
        }
    }

    private static void Convert<T>(ReadOnlySpan<float> numbers, Span<T> target, Func<float, T> convert)
    {
        for (int i = 0; i < numbers.Length; i++) target[i] = convert(numbers[i]);
    }

    /// <summary>Each number becomes like its neighbour before it on an axis; their variance stays what it is.</summary>
    private static void Smooth(Span<float> numbers, int length, int inner, float correlation)
    {
        float own = MathF.Sqrt(1 - correlation * correlation);
        for (int i = inner; i < numbers.Length; i++)
            if (i / inner % length > 0) numbers[i] = correlation * numbers[i - inner] + own * numbers[i];
    }
}
