using System.Runtime.CompilerServices;

namespace ModelCompiler.Runtime;

/// <summary>
/// One call of a predictor, for generated code: set each input, run, take the outputs, dispose. Inputs and outputs go by
/// their index in the <see cref="PredictorDescription"/>. A call belongs to one thread; a predictor may have many.
/// </summary>
public readonly ref struct PredictorCall
{
    private readonly Predictor _predictor;
    private readonly PredictorRun _run;
    private readonly int _samples;
    private readonly PredictorStream? _stream;

    internal PredictorCall(Predictor predictor, PredictorRun run, int samples, PredictorStream? stream)
    {
        _predictor = predictor;
        _run = run;
        _samples = samples;
        _stream = stream;
    }

    /// <summary>Sets an input of rank 0.</summary>
    public void SetScalar<T>(int index, T value)
        where T : unmanaged => _run.SetInput<T>(index, [value]);

    /// <summary>Sets an input of rank 0.</summary>
    public void SetScalar(int index, string value) => _run.SetInput(index, [value]);

    /// <summary>Puts a picture into an input.</summary>
    /// <exception cref="TensorMismatchException">There are fewer bytes than the picture needs.</exception>
    public void SetImage(int index, in ImagePixels image) => SetSampleImage(index, 0, 1, image);

    /// <summary>Copies one sample of a batch into its place; the first one makes room for all.</summary>
    /// <exception cref="TensorMismatchException">The number of elements is another than one sample has.</exception>
    public void SetSample<T>(int index, int sample, int count, ReadOnlySpan<T> elements)
        where T : unmanaged => _run.SetSample(index, sample, count, elements);

    /// <summary>Puts a picture into its place in a batch; the first one makes room for all, which have its size.</summary>
    /// <exception cref="TensorMismatchException">There are fewer bytes than the picture needs.</exception>
    public void SetSampleImage(int index, int sample, int count, in ImagePixels image) =>
        _run.SetImage(index, sample, count, image.Pixels.Span, image.Width, image.Height, image.Format, image.Stride);

    /// <summary>Copies the elements of an input whose shape is fixed, or has one dimension that their number decides.</summary>
    /// <exception cref="TensorMismatchException">The number of elements does not fit the shape.</exception>
    public void SetInput<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged => _run.SetInput(index, elements);

    /// <summary>Copies the elements of an input and gives its shape.</summary>
    /// <exception cref="TensorMismatchException">The shape does not fit the model, another input with the same symbol, or the number of elements.</exception>
    public void SetInput<T>(int index, ReadOnlySpan<T> elements, ReadOnlySpan<long> shape)
        where T : unmanaged => _run.SetInput(index, elements, shape);

    /// <summary>Gives an input a shape; the caller writes the elements.</summary>
    /// <exception cref="TensorMismatchException">The shape does not fit the model, or another input with the same symbol.</exception>
    public Span<T> MakeRoom<T>(int index, scoped ReadOnlySpan<long> shape)
        where T : unmanaged => _run.MakeRoom<T>(index, shape);

    /// <summary>Copies the strings of an input whose shape is fixed, or has one dimension that their number decides.</summary>
    /// <exception cref="TensorMismatchException">The number of strings does not fit the shape.</exception>
    public void SetInput(int index, ReadOnlySpan<string> strings) => _run.SetInput(index, strings);

    /// <summary>Copies the strings of an input and gives its shape.</summary>
    /// <exception cref="TensorMismatchException">The shape does not fit the model, another input with the same symbol, or the number of strings.</exception>
    public void SetInput(int index, ReadOnlySpan<string> strings, ReadOnlySpan<long> shape) => _run.SetInput(index, strings, shape);

    /// <summary>Sets an input of rank 0 that has a default; null leaves it to that.</summary>
    public void SetScalarOrDefault<T>(int index, T? value)
        where T : unmanaged => _run.SetInputOrDefault(index, value is { } given ? [given] : ReadOnlySpan<T>.Empty);

    /// <summary>Sets an input of rank 0 that has a default; null leaves it to that.</summary>
    public void SetScalarOrDefault(int index, string? value) => _run.SetInputOrDefault(index, value is null ? [] : [value]);

    /// <summary>Copies the elements of an input that has a default; none leave it to that.</summary>
    /// <exception cref="TensorMismatchException">The number of elements does not fit the shape.</exception>
    public void SetInputOrDefault<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged => _run.SetInputOrDefault(index, elements);

    /// <summary>Copies the strings of an input that has a default; none leave it to that.</summary>
    /// <exception cref="TensorMismatchException">The number of strings does not fit the shape.</exception>
    public void SetInputOrDefault(int index, ReadOnlySpan<string> strings) => _run.SetInputOrDefault(index, strings);

    /// <summary>Sets an input that is a sequence of tensors.</summary>
    public void SetSequence<T>(int index, IReadOnlyList<PredictionTensor<T>> tensors) => _run.SetSequence(index, tensors);

    /// <summary>Sets an input that is a map.</summary>
    public void SetMap<TKey, TValue>(int index, IReadOnlyDictionary<TKey, TValue> map)
        where TKey : notnull => _run.SetMap(index, map);

    /// <summary>Sets an input that is a sequence of maps.</summary>
    public void SetMaps<TKey, TValue>(int index, IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> maps)
        where TKey : notnull => _run.SetMaps(index, maps);

    /// <summary>Sets an input that may be left out: null for nothing.</summary>
    public void SetOptional<T>(int index, PredictionTensor<T>? tensor) => _run.SetOptional(index, tensor);

    /// <summary>Sets an input that is a sequence and may be left out: null for nothing.</summary>
    public void SetOptionalSequence<T>(int index, IReadOnlyList<PredictionTensor<T>>? tensors) => _run.SetOptionalSequence(index, tensors);

    /// <summary>Runs the model.</summary>
    /// <exception cref="TensorMismatchException">An input was not set.</exception>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="ProviderFaultException">The execution provider failed, now or before.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    public void Run(CancellationToken cancellationToken = default)
    {
        _predictor.Run(_run, _samples, cancellationToken);
        for (int i = 0; i < _stream?.States.Count; i++)
        {
            _stream.States[i].Advance(_run.Prepared.DetachOutput(_predictor.Description.States[i].Output));
        }
    }

    /// <summary>The elements of an output, in memory that the next call overwrites: valid until this call is disposed.</summary>
    public ReadOnlySpan<T> GetOutputSpan<T>(int index)
        where T : unmanaged => _run.Prepared.Output<T>(index);

    /// <summary>The shape of an output: valid until this call is disposed.</summary>
    public ReadOnlySpan<long> GetOutputShape(int index) => _run.Prepared.OutputShape(index);

    /// <summary>Copies the elements of an output to where the caller wants them.</summary>
    /// <exception cref="TensorMismatchException">The destination has another number of elements.</exception>
    public void CopyOutput<T>(int index, Span<T> destination)
        where T : unmanaged => Sized<T>(index, destination.Length).CopyTo(destination);

    /// <summary>A copy of an output.</summary>
    public PredictionTensor<T> GetOutput<T>(int index, IReadOnlyList<string>? labels = null)
        where T : unmanaged => new(GetOutputSpan<T>(index).ToArray(), GetOutputShape(index)) { Labels = labels };

    /// <summary>A copy of an output of a fixed shape that is small.</summary>
    /// <exception cref="TensorMismatchException">The output has another number of elements.</exception>
    public InlineTensor<T, TElements> GetInline<T, TElements>(int index)
        where T : unmanaged
        where TElements : unmanaged, IInlineElements => new(Sized<T>(index, Unsafe.SizeOf<TElements>() / Unsafe.SizeOf<T>()));

    /// <summary>The element of an output of rank 0.</summary>
    /// <exception cref="TensorMismatchException">The output has more elements, or none.</exception>
    public T GetScalar<T>(int index)
        where T : unmanaged => Sized<T>(index, 1)[0];

    /// <summary>The string of an output of rank 0.</summary>
    public string GetStringScalar(int index) => _run.Prepared.OutputStrings(index)[0];

    /// <summary>A copy of one sample of an output, as if it had been alone.</summary>
    /// <exception cref="TensorMismatchException">The output does not have one entry for each sample.</exception>
    public PredictionTensor<T> GetSample<T>(int index, int sample, int count, IReadOnlyList<string>? labels = null)
        where T : unmanaged => _run.Sample<T>(index, sample, count, labels);

    /// <summary>A copy of an output of strings.</summary>
    public PredictionTensor<string> GetStringOutput(int index) => new(_run.Prepared.OutputStrings(index), GetOutputShape(index));

    /// <summary>An output that is a sequence of tensors.</summary>
    public IReadOnlyList<PredictionTensor<T>> GetSequence<T>(int index) => TypedValues.ToSequence<T>(_run.Prepared.OutputValue(index));

    /// <summary>An output that is a map.</summary>
    public IReadOnlyDictionary<TKey, TValue> GetMap<TKey, TValue>(int index)
        where TKey : notnull => TypedValues.ToMap<TKey, TValue>(_run.Prepared.OutputValue(index));

    /// <summary>An output that is a sequence of maps.</summary>
    public IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> GetMaps<TKey, TValue>(int index)
        where TKey : notnull => TypedValues.ToMaps<TKey, TValue>(_run.Prepared.OutputValue(index));

    /// <summary>An output that may hold nothing, which is null.</summary>
    public PredictionTensor<T>? GetOptional<T>(int index) => TypedValues.ToOptional<T>(_run.Prepared.OutputValue(index));

    /// <summary>An output that is a sequence of tensors, or nothing, which is null.</summary>
    public IReadOnlyList<PredictionTensor<T>>? GetOptionalSequence<T>(int index) => TypedValues.ToOptionalSequence<T>(_run.Prepared.OutputValue(index));

    /// <summary>Gives the memory of this call to the next one.</summary>
    public void Dispose()
    {
        if (_stream is not null)
        {
            _run.Prepared.GiveBack();
            _stream.EndCall();
        }

        _predictor.Return(_run);
    }

    internal PredictorRun PredictorRun => _run;

    /// <summary>The elements, once there are as many as there is room for.</summary>
    private ReadOnlySpan<T> Sized<T>(int index, int room)
        where T : unmanaged
    {
        var elements = GetOutputSpan<T>(index);
        return elements.Length == room ? elements : throw new TensorMismatchException(
            TensorCheck.Output, _predictor.Description.Outputs[index].Name, $"room for {TensorShape.Text(GetOutputShape(index))}", $"{room} elements, not {elements.Length}");
    }

    internal PredictorCall With(PredictorStream stream)
    {
        for (int i = 0; i < stream.States.Count; i++)
        {
            _run.SetState(_predictor.Description.States[i], stream.States[i]);
        }

        return new PredictorCall(_predictor, _run, _samples, stream);
    }
}
