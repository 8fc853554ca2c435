using System.Numerics;
using System.Runtime.CompilerServices;

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
        int i = 0;
        for (; i + 4 <= factors.Length; i += 4)
        {
            Vector<float> first = new(factors[i]), second = new(factors[i + 1]), third = new(factors[i + 2]), fourth = new(factors[i + 3]);
            a = Vector.FusedMultiplyAdd(first, numbers[i].First, a);
            b = Vector.FusedMultiplyAdd(first, numbers[i].Second, b);
            c = Vector.FusedMultiplyAdd(second, numbers[i + 1].First, c);
            d = Vector.FusedMultiplyAdd(second, numbers[i + 1].Second, d);
            e = Vector.FusedMultiplyAdd(third, numbers[i + 2].First, e);
            f = Vector.FusedMultiplyAdd(third, numbers[i + 2].Second, f);
            g = Vector.FusedMultiplyAdd(fourth, numbers[i + 3].First, g);
            h = Vector.FusedMultiplyAdd(fourth, numbers[i + 3].Second, h);
        }
        for (; i < factors.Length; i++)
        {
            Vector<float> factor = new(factors[i]);
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
