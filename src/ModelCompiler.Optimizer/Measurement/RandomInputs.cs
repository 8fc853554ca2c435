using System.Runtime.InteropServices;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>
/// Makes inputs for timing a model that there are no samples for. Floating-point numbers lie in [−1, 1), 8-bit integers use their whole range,
/// wider integers and booleans are 0 or 1, which is valid as mask, token and index alike.
/// </summary>
public static class RandomInputs
{
    /// <summary>Inputs for one run.</summary>
    /// <param name="inputs">The inputs as the session declares them.</param>
    /// <param name="batchSize">The size of every open first dimension, and of all dimensions of the same symbol.</param>
    /// <param name="dimensions">Sizes of other open dimensions: by symbol, or as <c>input:axis</c> where a dimension has none.</param>
    /// <param name="seed">Equal seeds give equal inputs.</param>
    /// <exception cref="CompilerException">An open dimension is not given, a name is not known, or an input is no tensor of numbers.</exception>
    public static IReadOnlyList<(string Name, TensorBuffer Value)> Create(
        IReadOnlyList<TensorInfo> inputs, int batchSize, IReadOnlyDictionary<string, long> dimensions, int seed = 1)
    {
        CheckNames(inputs, dimensions);
        var random = new Random(seed);
        var batchSymbols = inputs.Where(input => input.Shape is [-1, ..]).Select(input => input.Symbols[0]).OfType<string>().ToHashSet();
        var result = new List<(string, TensorBuffer)>();
        foreach (TensorInfo input in inputs)
        {
            bool isNumbers = input.Kind == ValueKind.Tensor && input.ElementType is not (TensorElementType.String or TensorElementType.Undefined);
            if (!isNumbers || input.Shape is null) throw DiagnosticTable.InputNotRandom.Error(input.Name, input);
            long[] shape = [.. input.Shape.Select((size, axis) => size >= 0 ? size : Resolve(input, axis))];
            TensorBuffer tensor = TensorBuffer.Create(input.ElementType, shape);
            Fill(tensor, random);
            result.Add((input.Name, tensor));
        }
        return result;

        long Resolve(TensorInfo input, int axis)
        {
            string? symbol = input.Symbols[axis];
            if (dimensions.TryGetValue(Place(input, axis), out long size)) return size;
            if (symbol is not null && dimensions.TryGetValue(symbol, out size)) return size;
            if (axis == 0 || (symbol is not null && batchSymbols.Contains(symbol))) return batchSize;
            throw DiagnosticTable.DimensionOpen.Error(axis, input.Name, symbol ?? Place(input, axis));
        }
    }

    private static string Place(TensorInfo input, int axis) => FormattableString.Invariant($"{input.Name}:{axis}");

    private static void CheckNames(IReadOnlyList<TensorInfo> inputs, IReadOnlyDictionary<string, long> dimensions)
    {
        var open = new HashSet<string>();
        foreach (TensorInfo input in inputs)
        {
            for (int axis = 0; axis < (input.Shape?.Count ?? 0); axis++)
            {
                if (input.Shape![axis] >= 0) continue;
                open.Add(Place(input, axis));
                if (input.Symbols[axis] is { } symbol) open.Add(symbol);
            }
        }
        foreach (string name in dimensions.Keys)
            if (!open.Contains(name)) throw DiagnosticTable.DimensionUnknown.Error(name, open.Count > 0 ? string.Join(", ", open) : "none");
    }

    private static void Fill(TensorBuffer tensor, Random random)
    {
        switch (tensor.ElementType)
        {
            case TensorElementType.Float32: Fill<float>(tensor, () => random.NextSingle() * 2 - 1); break;
            case TensorElementType.Float64: Fill<double>(tensor, () => random.NextDouble() * 2 - 1); break;
            case TensorElementType.Float16: Fill(tensor, () => (Half)(random.NextSingle() * 2 - 1)); break;
            case TensorElementType.BFloat16: Fill(tensor, () => (ushort)(BitConverter.SingleToInt32Bits(random.NextSingle() * 2 - 1) >> 16)); break;
            case TensorElementType.UInt8 or TensorElementType.Int8: random.NextBytes(tensor.Bytes); break;
            case TensorElementType.Bool: Fill(tensor, () => (byte)random.Next(2)); break;
            case TensorElementType.Int16 or TensorElementType.UInt16: Fill(tensor, () => (short)random.Next(2)); break;
            case TensorElementType.Int32 or TensorElementType.UInt32: Fill(tensor, () => random.Next(2)); break;
            case TensorElementType.Int64 or TensorElementType.UInt64: Fill(tensor, () => (long)random.Next(2)); break;
            // Complex, 8-bit floating-point and 4-bit numbers stay zero: no kernel's time depends on them.
            default: break;
        }
    }

    private static void Fill<T>(TensorBuffer tensor, Func<T> next)
        where T : unmanaged
    {
        foreach (ref T element in MemoryMarshal.Cast<byte, T>(tensor.Bytes)) element = next();
    }
}
