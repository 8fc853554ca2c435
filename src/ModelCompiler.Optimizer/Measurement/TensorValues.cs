using System.Runtime.InteropServices;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>Reads the elements of a tensor as double, whatever their type: exact for every type but 64-bit integers beyond 2^53.</summary>
internal static class TensorValues
{
    /// <summary>Numbers in the tensor: two for each complex element, one for each byte of a type that has no arithmetic here (float8, 4 bits).</summary>
    public static int Count(TensorBuffer tensor) => tensor.ElementType switch
    {
        TensorElementType.Complex64 or TensorElementType.Complex128 => checked((int)tensor.Length * 2),
        TensorElementType.String => checked((int)tensor.Length),
        _ when tensor.ElementType.BitWidth() is 4 || IsFloat8(tensor.ElementType) => tensor.Bytes.Length,
        _ => checked((int)tensor.Length),
    };

    /// <summary>Copies numbers from <paramref name="start"/> on.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds strings.</exception>
    public static void CopyTo(TensorBuffer tensor, int start, Span<double> target)
    {
        ReadOnlySpan<byte> bytes = tensor.Bytes;
        switch (tensor.ElementType)
        {
            case TensorElementType.Float32 or TensorElementType.Complex64: Convert<float>(bytes, start, target, x => x); break;
            case TensorElementType.Float64 or TensorElementType.Complex128: Convert<double>(bytes, start, target, x => x); break;
            case TensorElementType.Float16: Convert<Half>(bytes, start, target, x => (double)x); break;
            case TensorElementType.BFloat16: Convert<ushort>(bytes, start, target, x => BitConverter.Int32BitsToSingle(x << 16)); break;
            case TensorElementType.Int8: Convert<sbyte>(bytes, start, target, x => x); break;
            case TensorElementType.Int16: Convert<short>(bytes, start, target, x => x); break;
            case TensorElementType.UInt16: Convert<ushort>(bytes, start, target, x => x); break;
            case TensorElementType.Int32: Convert<int>(bytes, start, target, x => x); break;
            case TensorElementType.UInt32: Convert<uint>(bytes, start, target, x => x); break;
            case TensorElementType.Int64: Convert<long>(bytes, start, target, x => x); break;
            case TensorElementType.UInt64: Convert<ulong>(bytes, start, target, x => x); break;
            case TensorElementType.String: throw new InvalidOperationException("Strings are no numbers.");
            default: Convert<byte>(bytes, start, target, x => x); break;
        }
    }

    /// <summary>Whether no number is NaN or infinite; strings are not.</summary>
    public static bool AreFinite(TensorBuffer tensor)
    {
        if (tensor.ElementType == TensorElementType.String) return true;
        int count = Count(tensor);
        var numbers = new double[Math.Min(count, 1024)];
        for (int start = 0; start < count; start += numbers.Length)
        {
            Span<double> chunk = numbers.AsSpan(0, Math.Min(numbers.Length, count - start));
            CopyTo(tensor, start, chunk);
            foreach (double number in chunk)
                if (!double.IsFinite(number)) return false;
        }
        return true;
    }

    private static bool IsFloat8(TensorElementType type) => type is TensorElementType.Float8E4M3FN or TensorElementType.Float8E4M3FNUZ
        or TensorElementType.Float8E5M2 or TensorElementType.Float8E5M2FNUZ;

    private static void Convert<T>(ReadOnlySpan<byte> bytes, int start, Span<double> target, Func<T, double> convert)
        where T : unmanaged
    {
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(bytes).Slice(start, target.Length);
        for (int i = 0; i < source.Length; i++) target[i] = convert(source[i]);
    }
}
