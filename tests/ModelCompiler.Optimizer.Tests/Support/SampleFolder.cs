using ModelCompiler.Onnx;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>Calibration files for a model: a sample each, normal floats, and integers that are tokens, masks or indices.</summary>
internal static class SampleFolder
{
    private const int Tokens = 16;

    /// <summary>Writes samples; gives the folder.</summary>
    /// <param name="workspace">Where.</param>
    /// <param name="model">Its inputs are those that are no initializers.</param>
    /// <param name="count">How many.</param>
    /// <param name="open">The size of the open dimensions of a sample, by its number.</param>
    public static string Write(Workspace workspace, Model model, int count = 8, Func<int, long>? open = null)
    {
        string folder = workspace.PathOf("samples");
        Directory.CreateDirectory(folder);
        for (int i = 0; i < count; i++)
        {
            (string, byte[])[] arrays = [.. Inputs(model, 1 + i, open?.Invoke(i) ?? 4).Select(input => (input.Name, Npy(input.Value)))];
            File.WriteAllBytes(Path.Combine(folder, $"{i:D3}.npz"), NumpyFiles.Npz(arrays));
        }
        return folder;
    }

    /// <summary>One sample; the first dimension, where it is open, is 1.</summary>
    public static IReadOnlyList<(string Name, TensorBuffer Value)> Inputs(Model model, int seed, long open) =>
        [.. model.Graph.Inputs.Where(input => input.Initializer is null).Select((input, i) => (input.Name, Tensor(input, seed * 100 + i, open)))];

    private static TensorBuffer Tensor(Value input, int seed, long open)
    {
        long[] shape = [.. input.Shape!.Select((dim, axis) => dim.ValueOrNull ?? (axis == 0 ? 1 : open))];
        if (input.ElementType == ElementType.Float) return TensorBuffer.Create(shape, TestTensors.Normal(seed, shape).Floats());
        var random = new Random(seed);
        long count = shape.Aggregate(1L, (all, size) => all * size);
        return TensorBuffer.Create(shape, Enumerable.Range(0, (int)count).Select(_ => (long)random.Next(Tokens)).ToArray());
    }

    private static byte[] Npy(TensorBuffer tensor) => tensor.ElementType == TensorElementType.Float32
        ? NumpyFiles.Npy<float>(tensor.AsSpan<float>(), tensor.Shape.ToArray())
        : NumpyFiles.Npy<long>(tensor.AsSpan<long>(), tensor.Shape.ToArray());
}
