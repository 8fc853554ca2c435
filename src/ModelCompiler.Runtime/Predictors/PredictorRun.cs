namespace ModelCompiler.Runtime;

/// <summary>A <see cref="PreparedRun"/> with the checks of one call: shapes, and that each input is set. For one call at a time.</summary>
internal sealed class PredictorRun : IDisposable
{
    private readonly InputLayout[] _inputs;
    private readonly CallShapes _shapes;
    private readonly bool[] _isSet;

    public PredictorRun(InferenceSession session, InputLayout[] inputs)
    {
        _inputs = inputs;
        _shapes = new CallShapes(inputs);
        _isSet = new bool[inputs.Length];
        Prepared = new PreparedRun(session);
    }

    public PreparedRun Prepared { get; }

    /// <summary>Forgets the last call.</summary>
    public void Reset()
    {
        _shapes.Reset();
        Array.Clear(_isSet);
    }

    public void SetInput<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        Span<long> shape = stackalloc long[RankOf(index)];
        _shapes.Infer(index, elements.Length, shape);
        SetInput(index, elements, shape);
    }

    public void SetInput<T>(int index, ReadOnlySpan<T> elements, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        _shapes.Accept(index, elements.Length, shape);
        elements.CopyTo(Prepared.ResizeInput<T>(index, shape));
        _isSet[index] = true;
    }

    public void SetInput(int index, ReadOnlySpan<string> strings)
    {
        Span<long> shape = stackalloc long[RankOf(index)];
        _shapes.Infer(index, strings.Length, shape);
        SetInput(index, strings, shape);
    }

    public void SetInput(int index, ReadOnlySpan<string> strings, ReadOnlySpan<long> shape)
    {
        _shapes.Accept(index, strings.Length, shape);
        Prepared.SetInput(index, strings, shape);
        _isSet[index] = true;
    }

    public void Run(CancellationToken cancellationToken)
    {
        int missing = Array.IndexOf(_isSet, false);
        if (missing >= 0)
        {
            throw _shapes.Mismatch(missing, "nothing");
        }

        Prepared.Run(cancellationToken);
    }

    public void Dispose() => Prepared.Dispose();

    private int RankOf(int index) =>
        _inputs[index].Rank >= 0 ? _inputs[index].Rank : throw _shapes.Mismatch(index, "elements without a shape");
}
