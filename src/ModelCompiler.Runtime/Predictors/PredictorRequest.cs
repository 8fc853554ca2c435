namespace ModelCompiler.Runtime;

/// <summary>
/// Base of the requests that the generator makes: one call that is made again and again, whose inputs and outputs are the
/// very memory that the model reads and writes. A run allocates nothing where shapes are fixed. For one thread at a time: a run that overlaps
/// another is refused.
/// </summary>
public abstract class PredictorRequest : IDisposable
{
    private readonly Predictor _predictor;
    private readonly PredictorRun _run;

    /// <param name="predictor">The predictor; it may be disposed first, runs then fail.</param>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    protected PredictorRequest(Predictor predictor)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        _predictor = predictor;
        _run = predictor.NewRun(GetType().Name);
        _run.Reset();
    }

    /// <summary>Runs the model on what the inputs hold; the outputs then hold the answer.</summary>
    /// <exception cref="TensorMismatchException">An input was not set.</exception>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="ProviderFaultException">The execution provider failed, now or before.</exception>
    /// <exception cref="OverlappingRunException">Another thread runs it.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The request or its predictor is disposed.</exception>
    public void Run(CancellationToken cancellationToken = default) => _predictor.RunInPlace(_run, cancellationToken);

    /// <summary>
    /// Lets a request of another predictor read an output of this one as an input, where it is: from now on each run of this one sets the input of the
    /// other. Nothing is copied; where both run on the same device, the tensor stays there, and this request cannot show it.
    /// </summary>
    /// <param name="output">The output's name in the model, out of <c>OutputNames</c>.</param>
    /// <param name="next">The request that reads it; for the same thread.</param>
    /// <param name="input">The input's name in the model of <paramref name="next"/>, out of its <c>InputNames</c>.</param>
    /// <exception cref="TensorMismatchException">There is no such output or input, or they are not tensors of one type and shape.</exception>
    /// <exception cref="ArgumentException">A request cannot feed itself.</exception>
    /// <exception cref="ObjectDisposedException">A request or its predictor is disposed.</exception>
    public void Feed(string output, PredictorRequest next, string input)
    {
        ArgumentNullException.ThrowIfNull(next);
        _run.Prepared.Feed(output, next._run.Prepared, input);
    }

    /// <summary>Frees the memory, after a run that is under way; spans over it are no longer valid.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The elements of an input, in place. They keep their values from run to run.</summary>
    protected Span<T> InputAt<T>(int index)
        where T : unmanaged => _run.Prepared.Input<T>(index);

    /// <summary>Gives an input a shape; spans of it from before are no longer valid.</summary>
    /// <exception cref="TensorMismatchException">The shape does not fit the model.</exception>
    protected void ResizeAt<T>(int index, scoped ReadOnlySpan<long> shape)
        where T : unmanaged => _run.Prepared.ResizeInput<T>(index, shape);

    /// <summary>The elements of an output, in place: valid until the next run.</summary>
    protected ReadOnlySpan<T> OutputAt<T>(int index)
        where T : unmanaged => _run.Prepared.Output<T>(index);

    /// <summary>The shape of an output: valid until the next run.</summary>
    protected ReadOnlySpan<long> OutputShapeAt(int index) => _run.Prepared.OutputShape(index);

    /// <summary>Puts a picture into an input.</summary>
    /// <exception cref="TensorMismatchException">There are fewer bytes than the picture needs.</exception>
    protected void PutImage(int index, ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride) =>
        _run.Anew().SetImage(index, 0, 1, pixels, width, height, format, stride);

    /// <inheritdoc cref="PredictorCall.SetScalar(int, string)"/>
    protected void PutScalar(int index, string value) => _run.Anew().SetInput(index, [value]);

    /// <inheritdoc cref="PredictorCall.SetInput(int, ReadOnlySpan{string})"/>
    protected void PutInput(int index, ReadOnlySpan<string> strings) => _run.Anew().SetInput(index, strings);

    /// <inheritdoc cref="PredictorCall.SetInput(int, ReadOnlySpan{string}, ReadOnlySpan{long})"/>
    protected void PutInput(int index, ReadOnlySpan<string> strings, ReadOnlySpan<long> shape) => _run.Anew().SetInput(index, strings, shape);

    /// <summary>Sets an input of rank 0 that has a default, for this run and the next; null leaves it to that.</summary>
    protected void PutScalarOrDefault<T>(int index, T? value)
        where T : unmanaged => _run.Anew().SetInputOrDefault(index, value is { } given ? [given] : ReadOnlySpan<T>.Empty);

    /// <summary>Sets an input of rank 0 that has a default, for this run and the next; null leaves it to that.</summary>
    protected void PutScalarOrDefault(int index, string? value) => _run.Anew().SetInputOrDefault(index, value is null ? [] : [value]);

    /// <summary>Sets an input that has a default, for this run and the next; no elements leave it to that.</summary>
    protected void PutInputOrDefault<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged => _run.Anew().SetInputOrDefault(index, elements);

    /// <summary>Sets an input that has a default, for this run and the next; no strings leave it to that.</summary>
    protected void PutInputOrDefault(int index, ReadOnlySpan<string> strings) => _run.Anew().SetInputOrDefault(index, strings);

    /// <inheritdoc cref="PredictorCall.SetSequence"/>
    protected void PutSequence<T>(int index, IReadOnlyList<PredictionTensor<T>> tensors) => _run.SetSequence(index, tensors);

    /// <inheritdoc cref="PredictorCall.SetMap"/>
    protected void PutMap<TKey, TValue>(int index, IReadOnlyDictionary<TKey, TValue> map)
        where TKey : notnull => _run.SetMap(index, map);

    /// <inheritdoc cref="PredictorCall.SetMaps"/>
    protected void PutMaps<TKey, TValue>(int index, IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> maps)
        where TKey : notnull => _run.SetMaps(index, maps);

    /// <inheritdoc cref="PredictorCall.SetOptional"/>
    protected void PutOptional<T>(int index, PredictionTensor<T>? tensor) => _run.SetOptional(index, tensor);

    /// <inheritdoc cref="PredictorCall.SetOptionalSequence"/>
    protected void PutOptionalSequence<T>(int index, IReadOnlyList<PredictionTensor<T>>? tensors) => _run.SetOptionalSequence(index, tensors);

    /// <inheritdoc cref="PredictorCall.GetStringOutput(int)"/>
    protected PredictionTensor<string> GetStringOutput(int index) => new(_run.Prepared.OutputStrings(index), OutputShapeAt(index));

    /// <inheritdoc cref="PredictorCall.GetSequence"/>
    protected IReadOnlyList<PredictionTensor<T>> GetSequence<T>(int index) => TypedValues.ToSequence<T>(_run.Prepared.OutputValue(index));

    /// <inheritdoc cref="PredictorCall.GetMap"/>
    protected IReadOnlyDictionary<TKey, TValue> GetMap<TKey, TValue>(int index)
        where TKey : notnull => TypedValues.ToMap<TKey, TValue>(_run.Prepared.OutputValue(index));

    /// <inheritdoc cref="PredictorCall.GetMaps"/>
    protected IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> GetMaps<TKey, TValue>(int index)
        where TKey : notnull => TypedValues.ToMaps<TKey, TValue>(_run.Prepared.OutputValue(index));

    /// <inheritdoc cref="PredictorCall.GetOptional"/>
    protected PredictionTensor<T>? GetOptional<T>(int index) => TypedValues.ToOptional<T>(_run.Prepared.OutputValue(index));

    /// <inheritdoc cref="PredictorCall.GetOptionalSequence"/>
    protected IReadOnlyList<PredictionTensor<T>>? GetOptionalSequence<T>(int index) => TypedValues.ToOptionalSequence<T>(_run.Prepared.OutputValue(index));

    /// <summary>For derived classes that own more.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _run.Dispose();
        }
    }
}
