using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>
/// The weights of several output channels that meet one block of a <see cref="QuadraticForm"/>, a channel in each lane of a pair of vectors: a number of
/// the form is read once for all of them. Lanes do not meet, and sums have an order of their own, so that the answer is the same for vectors of any width. Vectors are not
/// compiled ahead of time: what computes with them is optimized when it is first called.
/// </summary>
internal sealed class RoundingTile(QuadraticForm form)
{
    private const int Sweeps = 2;

    private readonly Lane[] _weights = new Lane[form.Width], _steps = new Lane[form.Width], _lowest = new Lane[form.Width], _highest = new Lane[form.Width];
    private readonly Lane[] _integers = new Lane[form.Width], _errors = new Lane[form.Width];
    private int _start, _size;

    /// <summary>Takes a block's part of the channels, which lie one after the other; lanes without a channel hold zeros that stay.</summary>
    public void Load(int start, ReadOnlySpan<float> weights, ReadOnlySpan<float> steps, ReadOnlySpan<float> integers, ReadOnlySpan<float> lowest, ReadOnlySpan<float> highest)
    {
        (_start, _size) = (start, Math.Min(form.Width, form.Depth - start));
        Load(weights, _weights, 0);
        Load(steps, _steps, 1);
        Load(integers, _integers, 0);
        Load(lowest, _lowest, 0);
        Load(highest, _highest, 0);
        for (int k = 0; k < _size; k++) _errors[k] = _steps[k] * _integers[k] - _weights[k];
    }

    /// <summary>Gives the integers back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(Span<float> integers)
    {
        ReadOnlySpan<float> lanes = MemoryMarshal.Cast<Lane, float>(_integers.AsSpan(0, _size));
        for (int row = 0; row * form.Depth < integers.Length; row++)
        {
            Span<float> numbers = integers.Slice(row * form.Depth + _start, _size);
            for (int k = 0, at = row; k < numbers.Length; k++, at += Lane.Width) numbers[k] = lanes[at];
        }
    }

    /// <summary>
    /// From the weight that matters most to the one that matters least: what each is off by moves the real numbers that the others are to become.
    /// Channels whose error, |Lᵀ(ŵ − w)|², does not get smaller stay as they are.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RoundToNearestPlane()
    {
        var errors = new Lane[_size];
        var integers = new Lane[_size];
        Lane before = default, after = default;
        for (int row = _size - 1; row >= 0; row--) errors[row] = _errors[At(row)];
        for (int row = 0; row < _size; row++)
        {
            Lane off = Lane.Sum(Factors(row), errors.AsSpan(row));
            before += off * off;
        }
        for (int row = _size - 1; row >= 0; row--)
        {
            int k = At(row);
            ReadOnlySpan<float> factors = Factors(row);
            var pivot = Lane.Of(factors[0]);
            Lane moved = Lane.Sum(factors[1..], errors.AsSpan(row + 1));
            integers[k] = Lane.Round((_weights[k] - moved / pivot) / _steps[k], _lowest[k], _highest[k]);
            errors[row] = _steps[k] * integers[k] - _weights[k];
            Lane off = moved + pivot * errors[row];
            after += off * off;
        }
        for (int k = 0; k < _size; k++) _integers[k] = Lane.WhereLess(after, before, integers[k], _integers[k]);
        for (int k = 0; k < _size; k++) _errors[k] = _steps[k] * _integers[k] - _weights[k];
    }

    /// <summary>Each weight in turn takes the best integer, given all others, until none changes or it was enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Descend()
    {
        bool isChanged = true;
        for (int sweep = 0; sweep < Sweeps && isChanged; sweep++)
        {
            isChanged = false;
            for (int k = 0; k < _size; k++)
            {
                ReadOnlySpan<float> row = form.Matrix.AsSpan((_start + k) * form.Width, _size);
                Lane gradient = Lane.Sum(row, _errors), best = Lane.Round(_integers[k] - gradient / (Lane.Of(row[k]) * _steps[k]), _lowest[k], _highest[k]);
                if (best == _integers[k]) continue;
                isChanged = true;
                _integers[k] = best;
                _errors[k] = _steps[k] * best - _weights[k];
            }
        }
    }

    private int At(int row) => form.Order[_start + row] - _start;

    /// <summary>A row of Lᵀ, from the diagonal on.</summary>
    private ReadOnlySpan<float> Factors(int row) => form.Factor.AsSpan((_start + row) * form.Width + row, _size - row);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Load(ReadOnlySpan<float> rows, Lane[] target, float absent)
    {
        Span<float> lanes = MemoryMarshal.Cast<Lane, float>(target.AsSpan(0, _size));
        for (int row = 0; row < Lane.Width; row++)
        {
            if (row * form.Depth >= rows.Length)
            {
                for (int at = row; at < lanes.Length; at += Lane.Width) lanes[at] = absent;
                continue;
            }
            ReadOnlySpan<float> numbers = rows.Slice(row * form.Depth + _start, _size);
            for (int k = 0, at = row; k < numbers.Length; k++, at += Lane.Width) lanes[at] = numbers[k];
        }
    }
}
