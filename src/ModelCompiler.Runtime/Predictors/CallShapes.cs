using System.Diagnostics.CodeAnalysis;

namespace ModelCompiler.Runtime;

/// <summary>The shapes of one call's inputs: fits each into what the model declares, and equal symbols to equal sizes.</summary>
internal sealed class CallShapes(InputLayout[] inputs)
{
    private readonly long[] _sizes = NewSizes(inputs);

    /// <summary>Forgets the sizes of the last call.</summary>
    public void Reset() => _sizes.AsSpan().Fill(InputLayout.None);

    /// <summary>Finds the one size that is not known from the number of elements; dimensions with one symbol have one size.</summary>
    /// <exception cref="TensorMismatchException">The number does not fit, or more than one size is open.</exception>
    public void Infer(int index, int length, Span<long> shape)
    {
        int open = InputLayout.None, times = 0;
        long known = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = KnownSize(inputs[index], i);
            if (shape[i] >= 0)
            {
                known *= shape[i];
            }
            else if (open < 0 || inputs[index].FirstAlike[i] == open)
            {
                open = inputs[index].FirstAlike[i];
                times++;
            }
            else
            {
                throw Mismatch(index, $"{length} elements without a shape");
            }
        }

        if (open >= 0 && known == 0)
        {
            throw Mismatch(index, $"{length} elements, which do not tell its open size: another is 0");
        }

        if (open >= 0 ? length % known != 0 : length != known)
        {
            throw Mismatch(index, $"{length} elements, not {(open >= 0 ? "a multiple of " : "")}{known}");
        }

        if (open >= 0)
        {
            shape.Replace(InputLayout.None, times == 1 ? length / known : Root(index, length, length / known, times));
        }
    }

    /// <summary>The size that stands several times in a shape, as that of a square does.</summary>
    private long Root(int index, int length, long power, int times)
    {
        long size = (long)Math.Round(Math.Pow(power, 1.0 / times));
        return Enumerable.Repeat(size, times).Aggregate(1L, (product, factor) => product * factor) == power
            ? size
            : throw Mismatch(index, $"{length} elements, from which no size follows that {times} dimensions have");
    }

    /// <summary>Checks the number of elements of an input whose shape is fixed: there is nothing else to check.</summary>
    /// <exception cref="TensorMismatchException">The number does not fit.</exception>
    public void CheckFixed(int index, int length)
    {
        if (length != inputs[index].Length)
        {
            ThrowLength(index, length);
        }
    }

    /// <summary>Checks a shape and keeps the sizes of its symbols.</summary>
    /// <exception cref="TensorMismatchException">The shape fits neither the model nor the number of elements nor an earlier input.</exception>
    public void Accept(int index, int length, ReadOnlySpan<long> shape)
    {
        var input = inputs[index];
        if (input.Rank >= 0 && input.Rank != shape.Length)
        {
            throw Mismatch(index, "the shape " + TensorShape.Text(shape));
        }

        for (int i = 0; i < shape.Length; i++)
        {
            long known = input.Rank >= 0 ? KnownSize(input, i) : InputLayout.None;
            if (shape[i] < 0 || (known >= 0 && known != shape[i]))
            {
                throw Mismatch(index, "the shape " + TensorShape.Text(shape) + Reason(input, i, known));
            }

            if (input.Rank >= 0 && shape[i] != shape[input.FirstAlike[i]])
            {
                throw Mismatch(index, $"the shape {TensorShape.Text(shape)} where {input.Spec.Shape![i].Symbol} is one size");
            }
        }

        if (TensorShape.SpanCount(shape) != length)
        {
            throw Mismatch(index, $"{length} elements for the shape {TensorShape.Text(shape)}");
        }

        Remember(input, shape);
    }

    [DoesNotReturn]
    private void ThrowLength(int index, int length) => throw Mismatch(index, $"{length} elements, not {inputs[index].Length}");

    /// <exception cref="TensorMismatchException">Always made, for the caller to throw.</exception>
    public TensorMismatchException Mismatch(int index, string actual) =>
        new(TensorCheck.Input, inputs[index].Spec.Name, inputs[index].Spec.ToString(), actual);

    private static long[] NewSizes(InputLayout[] inputs)
    {
        int highest = inputs.SelectMany(input => input.Symbols).Append(InputLayout.None).Max();
        return new long[highest + 1];
    }

    private static string Reason(InputLayout input, int axis, long known) =>
        input.Rank >= 0 && input.Spec.Shape![axis].Symbol is { } symbol && known >= 0 ? $" where another input made {symbol} {known}" : "";

    private long KnownSize(InputLayout input, int axis) => input.Symbols[axis] >= 0 ? _sizes[input.Symbols[axis]] : input.Sizes[axis];

    private void Remember(InputLayout input, ReadOnlySpan<long> shape)
    {
        for (int i = 0; i < input.Symbols.Length; i++)
        {
            if (input.Symbols[i] >= 0)
            {
                _sizes[input.Symbols[i]] = shape[i];
            }
        }
    }
}
