using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Reads numbers of one type as those of another of its kind: floats of any width as floats, integers as integers, each number checked for its room.
/// Between the kinds nothing is guessed: pixels as bytes and pixels scaled to one are both numbers.
/// </summary>
internal static class ElementConversion
{
    private static readonly ElementType[] Floats = [ElementType.Float16, ElementType.Float, ElementType.Double];

    private static readonly ElementType[] Integers =
        [ElementType.Int8, ElementType.UInt8, ElementType.Int16, ElementType.UInt16, ElementType.Int32, ElementType.UInt32, ElementType.Int64, ElementType.UInt64];

    /// <summary>Whether one can be read as the other.</summary>
    public static bool IsPossible(ElementType from, ElementType to) =>
        from == to || (Floats.Contains(from) && Floats.Contains(to)) || (Integers.Contains(from) && Integers.Contains(to));

    /// <summary>Converts all elements.</summary>
    /// <param name="from">The type of <paramref name="source"/>.</param>
    /// <param name="source">The elements.</param>
    /// <param name="to">The type of <paramref name="target"/>.</param>
    /// <param name="target">Room for as many.</param>
    /// <param name="where">The array, for the error.</param>
    /// <exception cref="CompilerException">A number has no room in the other type (OM2204).</exception>
    public static void Convert(ElementType from, ReadOnlySpan<byte> source, ElementType to, Span<byte> target, string where)
    {
        switch (from)
        {
            case ElementType.Float16: Convert<Half>(source, to, target, where); break;
            case ElementType.Float: Convert<float>(source, to, target, where); break;
            case ElementType.Double: Convert<double>(source, to, target, where); break;
            case ElementType.Int8: Convert<sbyte>(source, to, target, where); break;
            case ElementType.UInt8: Convert<byte>(source, to, target, where); break;
            case ElementType.Int16: Convert<short>(source, to, target, where); break;
            case ElementType.UInt16: Convert<ushort>(source, to, target, where); break;
            case ElementType.Int32: Convert<int>(source, to, target, where); break;
            case ElementType.UInt32: Convert<uint>(source, to, target, where); break;
            case ElementType.Int64: Convert<long>(source, to, target, where); break;
            default: Convert<ulong>(source, to, target, where); break;
        }
    }

    private static void Convert<TFrom>(ReadOnlySpan<byte> source, ElementType to, Span<byte> target, string where)
        where TFrom : unmanaged, INumberBase<TFrom>
    {
        switch (to)
        {
            case ElementType.Float16: Convert<TFrom, Half>(source, target, to, where); break;
            case ElementType.Float: Convert<TFrom, float>(source, target, to, where); break;
            case ElementType.Double: Convert<TFrom, double>(source, target, to, where); break;
            case ElementType.Int8: Convert<TFrom, sbyte>(source, target, to, where); break;
            case ElementType.UInt8: Convert<TFrom, byte>(source, target, to, where); break;
            case ElementType.Int16: Convert<TFrom, short>(source, target, to, where); break;
            case ElementType.UInt16: Convert<TFrom, ushort>(source, target, to, where); break;
            case ElementType.Int32: Convert<TFrom, int>(source, target, to, where); break;
            case ElementType.UInt32: Convert<TFrom, uint>(source, target, to, where); break;
            case ElementType.Int64: Convert<TFrom, long>(source, target, to, where); break;
            default: Convert<TFrom, ulong>(source, target, to, where); break;
        }
    }

    private static void Convert<TFrom, TTo>(ReadOnlySpan<byte> source, Span<byte> target, ElementType to, string where)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        ReadOnlySpan<TFrom> numbers = MemoryMarshal.Cast<byte, TFrom>(source);
        Span<TTo> converted = MemoryMarshal.Cast<byte, TTo>(target);
        bool isFloat = Floats.Contains(to);
        for (int i = 0; i < numbers.Length; i++)
        {
            converted[i] = TTo.CreateSaturating(numbers[i]);
            // What has no room becomes an infinity, or an integer that is another one; floats lose digits.
            bool hasRoom = isFloat ? TTo.IsFinite(converted[i]) || !TFrom.IsFinite(numbers[i]) : TFrom.CreateSaturating(converted[i]) == numbers[i];
            if (!hasRoom) throw DiagnosticTable.ArrayInvalid.Error(where, $"it holds {numbers[i].ToString(null, CultureInfo.InvariantCulture)}, for which {to.NumpyName()} has no room");
        }
    }
}
