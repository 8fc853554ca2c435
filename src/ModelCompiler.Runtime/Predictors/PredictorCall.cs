namespace ModelCompiler.Runtime;

/// <summary>
/// One call of a predictor, for generated code: set each input, run, take the outputs, dispose. Inputs and outputs go by
/// their index in the <see cref="PredictorDescription"/>. A call belongs to one thread; a predictor may have many.
/// </summary>
public readonly ref struct PredictorCall
{
    private readonly Predictor _predictor;
    private readonly PredictorRun _run;

    internal PredictorCall(Predictor predictor, PredictorRun run)
    {
        _predictor = predictor;
        _run = run;
    }

    /// <summary>Copies the elements of an input whose shape is fixed, or has one dimension that their number decides.</summary>
    /// <exception cref="TensorMismatchException">The number of elements does not fit the shape.</exception>
    public void SetInput<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged => _run.SetInput(index, elements);

    /// <summary>Copies the elements of an input and gives its shape.</summary>
    /// <exception cref="TensorMismatchException">The shape does not fit the model, another input with the same symbol, or the number of elements.</exception>
    public void SetInput<T>(int index, ReadOnlySpan<T> elements, ReadOnlySpan<long> shape)
        where T : unmanaged => _run.SetInput(index, elements, shape);

    /// <summary>Copies the strings of an input whose shape is fixed, or has one dimension that their number decides.</summary>
    /// <exception cref="TensorMismatchException">The number of strings does not fit the shape.</exception>
    public void SetInput(int index, ReadOnlySpan<string> strings) => _run.SetInput(index, strings);

    /// <summary>Copies the strings of an input and gives its shape.</summary>
    /// <exception cref="TensorMismatchException">The shape does not fit the model, another input with the same symbol, or the number of strings.</exception>
    public void SetInput(int index, ReadOnlySpan<string> strings, ReadOnlySpan<long> shape) => _run.SetInput(index, strings, shape);

    /// <summary>Runs the model.</summary>
    /// <exception cref="TensorMismatchException">An input was not set.</exception>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    public void Run(CancellationToken cancellationToken = default) => _run.Run(cancellationToken);

    /// <summary>The elements of an output, in memory that the next call overwrites: valid until this call is disposed.</summary>
    public ReadOnlySpan<T> GetOutputSpan<T>(int index)
        where T : unmanaged => _run.Prepared.Output<T>(index);

    /// <summary>The shape of an output: valid until this call is disposed.</summary>
    public ReadOnlySpan<long> GetOutputShape(int index) => _run.Prepared.OutputShape(index);

    /// <summary>A copy of an output.</summary>
    public PredictionTensor<T> GetOutput<T>(int index)
        where T : unmanaged => new(GetOutputSpan<T>(index).ToArray(), GetOutputShape(index));

    /// <summary>A copy of an output of strings.</summary>
    public PredictionTensor<string> GetStringOutput(int index) => new(_run.Prepared.OutputStrings(index), GetOutputShape(index));

    /// <summary>Gives the memory of this call to the next one.</summary>
    public void Dispose() => _predictor.Return(_run);
}
