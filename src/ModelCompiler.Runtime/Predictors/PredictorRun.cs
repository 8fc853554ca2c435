namespace ModelCompiler.Runtime;

/// <summary>
/// A <see cref="PreparedRun"/> with what one call of a predictor has to check: that each input is set, and that equal
/// symbols have equal sizes. For one call at a time.
/// </summary>
internal sealed class PredictorRun : IDisposable
{
    private const long NoSize = -1;

    private readonly IReadOnlyList<TensorSpec> _inputs;
    private readonly InputSymbols _symbols;
    private readonly long[] _sizes;
    private readonly bool[] _isSet;

    public PredictorRun(InferenceSession session, PredictorDescription description, InputSymbols symbols)
    {
        _inputs = description.Inputs;
        _symbols = symbols;
        _sizes = new long[symbols.Count];
        _isSet = new bool[_inputs.Count];
        Prepared = new PreparedRun(session);
        Reset();
    }

    public PreparedRun Prepared { get; }

    /// <summary>Forgets the last call.</summary>
    public void Reset()
    {
        Array.Fill(_sizes, NoSize);
        Array.Clear(_isSet);
    }

    public void SetInput<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        Span<long> shape = stackalloc long[_inputs[index].Shape?.Count ?? 0];
        InferShape(index, elements.Length, shape);
        SetInput(index, elements, shape);
    }

    public void SetInput<T>(int index, ReadOnlySpan<T> elements, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        Check(index, elements.Length, shape);
        elements.CopyTo(Prepared.ResizeInput<T>(index, shape));
        _isSet[index] = true;
    }

    public void SetInput(int index, ReadOnlySpan<string> strings)
    {
        Span<long> shape = stackalloc long[_inputs[index].Shape?.Count ?? 0];
        InferShape(index, strings.Length, shape);
        SetInput(index, strings, shape);
    }

    public void SetInput(int index, ReadOnlySpan<string> strings, ReadOnlySpan<long> shape)
    {
        Check(index, strings.Length, shape);
        Prepared.SetInput(index, strings, shape);
        _isSet[index] = true;
    }

    public void Run(CancellationToken cancellationToken)
    {
        int missing = Array.IndexOf(_isSet, false);
        if (missing >= 0)
        {
            throw Mismatch(missing, "nothing");
        }

        Prepared.Run(cancellationToken);
    }

    public void Dispose() => Prepared.Dispose();

    /// <summary>Finds the one dimension that is not known from the number of elements.</summary>
    private void InferShape(int index, int length, Span<long> shape)
    {
        int free = -1;
        long known = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            shape[i] = KnownSize(index, i);
            if (shape[i] != NoSize)
            {
                known *= shape[i];
            }
            else if (free < 0)
            {
                free = i;
            }
            else
            {
                throw Mismatch(index, $"{length} elements, which do not tell its shape");
            }
        }

        if (free >= 0)
        {
            shape[free] = known > 0 ? length / known : 0;
        }
    }

    private long KnownSize(int index, int axis)
    {
        int symbol = _symbols.Of(index)[axis];
        return symbol >= 0 ? _sizes[symbol] : _inputs[index].Shape![axis].Size;
    }

    private void Check(int index, int length, ReadOnlySpan<long> shape)
    {
        var declared = _inputs[index].Shape;
        if (declared is not null && declared.Count != shape.Length)
        {
            throw Mismatch(index, "the shape " + TensorShape.Text(shape));
        }

        long count = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            long known = declared is null ? NoSize : KnownSize(index, i);
            if (shape[i] < 0 || (known != NoSize && known != shape[i]))
            {
                throw Mismatch(index, $"the shape {TensorShape.Text(shape)}{Bound(index, i)}");
            }

            count = Math.BigMul(count, shape[i]) is var product && product <= int.MaxValue ? (long)product : throw Mismatch(index, "the shape " + TensorShape.Text(shape));
        }

        if (count != length)
        {
            throw Mismatch(index, $"{length} elements" + (declared is null || _inputs[index].Shape!.All(d => d.Size >= 0) ? "" : $" for the shape {TensorShape.Text(shape)}"));
        }

        Remember(index, shape);
    }

    private void Remember(int index, ReadOnlySpan<long> shape)
    {
        var symbols = _symbols.Of(index);
        for (int i = 0; i < symbols.Length; i++)
        {
            if (symbols[i] >= 0)
            {
                _sizes[symbols[i]] = shape[i];
            }
        }
    }

    /// <summary>Says which size a symbol has already, where that is the reason.</summary>
    private string Bound(int index, int axis) =>
        _inputs[index].Shape![axis].Symbol is { } symbol ? $" where {symbol} is {KnownSize(index, axis)}" : "";

    private TensorMismatchException Mismatch(int index, string actual) =>
        new(TensorCheck.Input, _inputs[index].Name, _inputs[index].ToString(), actual);
}
