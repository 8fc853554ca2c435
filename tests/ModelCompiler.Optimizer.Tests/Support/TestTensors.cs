using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>Tensors to feed and to build models from.</summary>
internal static class TestTensors
{
    /// <summary>The floats at which rewrites go wrong first.</summary>
    public static float[] SpecialFloats { get; } =
    [
        0f, -0f, 1f, -1f, 0.5f, -2.5f, 6f, float.Epsilon, -float.Epsilon, 1e-40f, float.MaxValue, float.MinValue,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN, 1e-8f,
    ];

    /// <summary>Standard normal floats by Box and Muller; the same for the same seed on every machine.</summary>
    public static Tensor Normal(int seed, params ReadOnlySpan<long> dims)
    {
        var random = new Random(seed);
        float[] values = new float[Count(dims)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return Tensor.Create<float>(values, dims);
    }

    /// <summary>Floats that go through <see cref="SpecialFloats"/> again and again.</summary>
    public static Tensor Special(params ReadOnlySpan<long> dims)
    {
        float[] values = new float[Count(dims)];
        for (int i = 0; i < values.Length; i++) values[i] = SpecialFloats[i % SpecialFloats.Length];
        return Tensor.Create<float>(values, dims);
    }

    /// <summary>Uniform elements of any number type: bytes as they come, floats from −4 to 4.</summary>
    public static Tensor Random(ElementType type, int seed, params ReadOnlySpan<long> dims)
    {
        var random = new Random(seed);
        long count = Count(dims);
        switch (type)
        {
            case ElementType.Float:
                return Tensor.Create<float>(Fill(count, () => (random.NextSingle() * 8) - 4), dims);
            case ElementType.Double:
                return Tensor.Create<double>(Fill(count, () => (random.NextDouble() * 8) - 4), dims);
            case ElementType.Float16:
                return Tensor.Create<Half>(Fill(count, () => (Half)((random.NextSingle() * 8) - 4)), dims);
            case ElementType.Int64:
                return Tensor.Create<long>(Fill(count, () => random.NextInt64(-8, 9)), dims);
            case ElementType.Int32:
                return Tensor.Create<int>(Fill(count, () => random.Next(-8, 9)), dims);
            case ElementType.Bool:
                return Tensor.Create<bool>(Fill(count, () => random.Next(2) == 1), dims);
            default:
                byte[] bytes = new byte[type.ByteSize(count)];
                random.NextBytes(bytes);
                return new Tensor(type, dims, bytes);
        }
    }

    /// <summary>The elements as floats, for messages and tolerances.</summary>
    public static float[] Floats(this Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray();

    private static T[] Fill<T>(long count, Func<T> next)
    {
        var values = new T[count];
        for (int i = 0; i < values.Length; i++) values[i] = next();
        return values;
    }

    private static long Count(ReadOnlySpan<long> dims)
    {
        long count = 1;
        foreach (long dim in dims) count *= dim;
        return count;
    }
}
