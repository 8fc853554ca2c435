using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>A number of each of several channels: two vectors, so that what waits for one sum adds up another.</summary>
internal readonly record struct Lane(Vector<float> First, Vector<float> Second)
{
    /// <summary>How many channels there are.</summary>
    public static int Width => 2 * Vector<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane Of(ReadOnlySpan<float> numbers) => new(new Vector<float>(numbers), new Vector<float>(numbers[Vector<float>.Count..]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane Of(float number) => new(new Vector<float>(number), new Vector<float>(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane operator +(Lane a, Lane b) => new(a.First + b.First, a.Second + b.Second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane operator -(Lane a, Lane b) => new(a.First - b.First, a.Second - b.Second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane operator *(Lane a, Lane b) => new(a.First * b.First, a.Second * b.Second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane operator /(Lane a, Lane b) => new(a.First / b.First, a.Second / b.Second);

    /// <summary>The nearest integer, or the limit that it is beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane Round(Lane number, Lane lowest, Lane highest) => new(
        Vector.Min(Vector.Max(Vector.Round(number.First), lowest.First), highest.First),
        Vector.Min(Vector.Max(Vector.Round(number.Second), lowest.Second), highest.Second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lane WhereLess(Lane a, Lane b, Lane yes, Lane no) => new(
        Vector.ConditionalSelect(Vector.LessThan(a.First, b.First), yes.First, no.First),
        Vector.ConditionalSelect(Vector.LessThan(a.Second, b.Second), yes.Second, no.Second));

    /// <summary>Σ factors[i] · numbers[i], in four sums of every fourth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Lane Sum(ReadOnlySpan<float> factors, ReadOnlySpan<Lane> numbers)
    {
        Vector<float> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        // Most of rounding is spent here, and half of that would be checks of indices.
        ref float factor0 = ref MemoryMarshal.GetReference(factors);
        ref Vector<float> number0 = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<Lane, Vector<float>>(numbers[..factors.Length]));
        int i = 0;
        for (; i + 4 <= factors.Length; i += 4)
        {
            ref Vector<float> number = ref Unsafe.Add(ref number0, 2 * i);
            Vector<float> first = new(Unsafe.Add(ref factor0, i)), second = new(Unsafe.Add(ref factor0, i + 1));
            a = Vector.FusedMultiplyAdd(first, number, a);
            b = Vector.FusedMultiplyAdd(first, Unsafe.Add(ref number, 1), b);
            c = Vector.FusedMultiplyAdd(second, Unsafe.Add(ref number, 2), c);
            d = Vector.FusedMultiplyAdd(second, Unsafe.Add(ref number, 3), d);
            Vector<float> third = new(Unsafe.Add(ref factor0, i + 2)), fourth = new(Unsafe.Add(ref factor0, i + 3));
            e = Vector.FusedMultiplyAdd(third, Unsafe.Add(ref number, 4), e);
            f = Vector.FusedMultiplyAdd(third, Unsafe.Add(ref number, 5), f);
            g = Vector.FusedMultiplyAdd(fourth, Unsafe.Add(ref number, 6), g);
            h = Vector.FusedMultiplyAdd(fourth, Unsafe.Add(ref number, 7), h);
        }
        for (; i < factors.Length; i++)
        {
            var factor = new Vector<float>(factors[i]);
            a = Vector.FusedMultiplyAdd(factor, numbers[i].First, a);
            b = Vector.FusedMultiplyAdd(factor, numbers[i].Second, b);
        }
        return new Lane(a + c + (e + g), b + d + (f + h));
    }

    public void CopyTo(Span<float> numbers)
    {
        First.CopyTo(numbers);
        Second.CopyTo(numbers[Vector<float>.Count..]);
    }
}
