using System.Runtime.InteropServices;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>Compares two models by running them on ONNX Runtime.</summary>
internal static class SameAnswers
{
    /// <summary>
    /// Asserts that both models answer alike on random inputs. Floats may differ by <paramref name="tolerance"/> of the largest magnitude of
    /// their output: sums are taken in another order. A NaN or infinity must stay what it is.
    /// </summary>
    /// <param name="original">Run as it is, without ONNX Runtime's own rewrites.</param>
    /// <param name="rewritten">Run as it is, and with all of ONNX Runtime's rewrites.</param>
    /// <param name="seed">Of the random inputs; symbolic dimensions are <paramref name="symbolicSize"/>.</param>
    public static void Assert(Model original, Model rewritten, double tolerance = 1e-5, int seed = 1, long symbolicSize = 3)
    {
        (string, TensorBuffer)[] inputs = [.. original.Graph.Inputs.Where(i => i.Initializer is null).Select((input, i) => (input.Name, Random(input, seed + i, symbolicSize)))];
        TensorBuffer[] expected = Run(original, inputs, GraphOptimization.None);
        foreach (GraphOptimization level in new[] { GraphOptimization.None, GraphOptimization.All })
        {
            TensorBuffer[] actual = Run(rewritten, inputs, level);
            for (int i = 0; i < expected.Length; i++) AssertClose(expected[i], actual[i], tolerance, $"output {original.Graph.Outputs[i]} at level {level}, seed {seed}");
        }
    }

    /// <summary>The same with one element of each float input a NaN, an infinity or a zero of either sign: what it reaches, and what it does not, stays the same.</summary>
    /// <param name="original">Run as it is, without ONNX Runtime's own rewrites.</param>
    /// <param name="rewritten">The same.</param>
    /// <param name="overflowsAlike">Whether it is enough that what is beyond the finite numbers stays beyond them.</param>
    public static void AssertAtBoundaries(Model original, Model rewritten, bool overflowsAlike)
    {
        foreach (float boundary in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f })
        {
            (string, TensorBuffer)[] inputs = [.. original.Graph.Inputs.Where(i => i.Initializer is null).Select((input, i) => (input.Name, Random(input, 1 + i, 3)))];
            foreach ((_, TensorBuffer value) in inputs)
                if (value.ElementType == TensorElementType.Float32 && value.Bytes.Length > 0) value.AsSpan<float>()[value.AsSpan<float>().Length / 2] = boundary;
            TensorBuffer[] expected = Run(original, inputs, GraphOptimization.None);
            TensorBuffer[] actual = Run(rewritten, inputs, GraphOptimization.None);
            if (overflowsAlike) Array.ForEach([.. expected, .. actual], MarkOverflow);
            for (int i = 0; i < expected.Length; i++) AssertClose(expected[i], actual[i], 1e-5, $"output {original.Graph.Outputs[i]} with {boundary} in each input");
        }
    }

    private static void MarkOverflow(TensorBuffer tensor)
    {
        foreach (ref float value in tensor.AsSpan<float>())
            if (!(MathF.Abs(value) < float.MaxValue)) value = float.NaN;
    }

    private static TensorBuffer[] Run(Model model, (string, TensorBuffer)[] inputs, GraphOptimization level)
    {
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model), new SessionOptions { GraphOptimization = level });
        return session.Run(inputs);
    }

    private static TensorBuffer Random(Value input, int seed, long symbolicSize)
    {
        long[] dims = [.. input.Shape!.Select(d => d.ValueOrNull ?? symbolicSize)];
        Tensor tensor = TestTensors.Random(input.ElementType, seed, dims);
        return TensorBuffer.Create((TensorElementType)input.ElementType, dims, tensor.Bytes.ToArray());
    }

    public static void AssertClose(TensorBuffer expected, TensorBuffer actual, double tolerance, string where, double absolute = 0)
    {
        Xunit.Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Xunit.Assert.Equal(expected.ElementType, actual.ElementType);
        if (Floats(expected) is not { } left || Floats(actual) is not { } right)
        {
            Xunit.Assert.Equal(expected.Bytes, actual.Bytes);
            return;
        }
        double magnitude = left.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        double roundoff = (tolerance * magnitude) + absolute;
        for (int i = 0; i < left.Length; i++)
        {
            bool isClose = left[i].Equals(right[i]) || Math.Abs(left[i] - right[i]) <= roundoff;
            if (!isClose) Xunit.Assert.Fail($"{where}: element {i} is {right[i]:R}, expected {left[i]:R} within {roundoff:R}");
        }
    }

    private static double[]? Floats(TensorBuffer tensor) => tensor.ElementType switch
    {
        TensorElementType.Float32 => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(tensor.Bytes).ToArray(), f => (double)f),
        TensorElementType.Float64 => MemoryMarshal.Cast<byte, double>(tensor.Bytes).ToArray(),
        TensorElementType.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(tensor.Bytes).ToArray(), h => (double)h),
        _ => null,
    };
}
