using System.Runtime.CompilerServices;

namespace ModelCompiler.Runtime;

/// <summary>A <see cref="PreparedRun"/> with the checks of one call: shapes, and that each input is set. For one call at a time.</summary>
internal sealed class PredictorRun : IDisposable
{
    private readonly InputLayout[] _inputs;
    private readonly CallShapes _shapes;
    private readonly bool[] _isSet;
    private readonly bool[] _isFixed;

    /// <param name="session">The session to run.</param>
    /// <param name="inputs">What the model takes.</param>
    /// <param name="owner">What errors call it.</param>
    public PredictorRun(InferenceSession session, InputLayout[] inputs, string owner)
    {
        _inputs = inputs;
        _shapes = new CallShapes(inputs);
        _isSet = new bool[inputs.Length];
        Prepared = new PreparedRun(session, null, session.PinnedMemory, takesOptional: true, holdsSession: true) { Owner = owner, MissingInput = Missing };
        // ONNX Runtime may know less than the build did; its memory is only in place where it knows all, and the input must be given.
        _isFixed = [.. inputs.Zip(Prepared.Inputs, (layout, info) => layout.IsFixed && info.HasFixedShape && !layout.Spec.HasDefault)];
    }

    public PreparedRun Prepared { get; }

    /// <summary>Forgets the last call.</summary>
    public void Reset()
    {
        _shapes.Reset();
        Array.Clear(_isSet);
    }

    /// <summary>Forgets the sizes of the last run of a request, whose inputs may get other shapes.</summary>
    public PredictorRun Anew()
    {
        _shapes.Reset();
        return this;
    }

    public void SetInput<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        if (!_isFixed[index])
        {
            SetOpenInput(index, elements);
            return;
        }

        _shapes.CheckFixed(index, elements.Length);
        elements.CopyTo(Prepared.Input<T>(index));
        _isSet[index] = true;
    }

    public void SetInput<T>(int index, ReadOnlySpan<T> elements, ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        _shapes.Accept(index, elements.Length, shape);
        elements.CopyTo(Prepared.ResizeInput<T>(index, shape));
        _isSet[index] = true;
    }

    /// <summary>Gives an input a shape; the caller writes the elements.</summary>
    public Span<T> MakeRoom<T>(int index, scoped ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        _shapes.Accept(index, (int)Math.Min(TensorShape.SpanCount(shape), int.MaxValue), shape);
        _isSet[index] = true;
        return Prepared.ResizeInput<T>(index, shape);
    }

    public void SetInput(int index, ReadOnlySpan<string> strings)
    {
        Span<long> shape = stackalloc long[RankOf(index)];
        _shapes.Infer(index, strings.Length, shape);
        SetInput(index, strings, shape);
    }

    public void SetInput(int index, ReadOnlySpan<string> strings, ReadOnlySpan<long> shape)
    {
        if (strings.Contains(null!))
        {
            throw _shapes.Mismatch(index, "a string that is null");
        }

        _shapes.Accept(index, strings.Length, shape);
        Prepared.SetInput(index, strings, shape);
        _isSet[index] = true;
    }

    /// <summary>Sets an input with a default; no elements leave it to that.</summary>
    public void SetInputOrDefault<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        if (elements.IsEmpty)
        {
            Prepared.ClearInput(index);
        }
        else
        {
            SetInput(index, elements);
        }
    }

    /// <summary>Sets an input with a default; no strings leave it to that.</summary>
    public void SetInputOrDefault(int index, ReadOnlySpan<string> strings)
    {
        if (strings.IsEmpty)
        {
            Prepared.ClearInput(index);
        }
        else
        {
            SetInput(index, strings);
        }
    }

    /// <summary>Copies one sample of a batch; the first one makes room for all.</summary>
    public void SetSample<T>(int index, int sample, int count, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        int length = _inputs[index].SampleLength;
        if (elements.Length != length)
        {
            throw _shapes.Mismatch(index, $"{elements.Length} elements, not {length}, for one sample");
        }

        elements.CopyTo(Room<T>(index, sample, count).Slice(sample * length, length));
    }

    /// <summary>Puts a picture into an input, as one sample of a batch.</summary>
    public void SetImage(int index, int sample, int count, ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int stride)
    {
        var spec = _inputs[index].Spec;
        var (canvas, step) = ImageInput.Check(spec, pixels.Length, width, height, format, stride);
        var order = spec.Image!.Order;
        long length = (long)canvas.Width * canvas.Height * PixelCopier.BytesOf(order);
        Span<byte> room;
        if (sample == 0)
        {
            ReadOnlySpan<long> shape = [count, canvas.Height, canvas.Width, PixelCopier.BytesOf(order)];
            _shapes.Accept(index, checked((int)(length * count)), shape);
            room = Prepared.ResizeInput<byte>(index, shape);
            _isSet[index] = true;
        }
        else
        {
            room = Prepared.Input<byte>(index);
        }

        PixelCopier.Copy(pixels, width, height, format, step, canvas, room.Slice(checked((int)(sample * length)), (int)length), order);
    }

    public void SetSequence<T>(int index, IReadOnlyList<PredictionTensor<T>>? tensors) => SetValue(index, TypedValues.FromSequence(Complete(index, tensors)));

    public void SetMap<TKey, TValue>(int index, IReadOnlyDictionary<TKey, TValue>? map)
        where TKey : notnull => SetValue(index, TypedValues.FromMap(Complete(index, map)));

    public void SetMaps<TKey, TValue>(int index, IReadOnlyList<IReadOnlyDictionary<TKey, TValue>>? maps)
        where TKey : notnull => SetValue(index, TypedValues.FromMaps([.. Complete(index, maps).Select(map => Complete(index, map))]));

    public void SetOptional<T>(int index, PredictionTensor<T>? tensor) => SetValue(index, TypedValues.FromOptional(tensor));

    public void SetOptionalSequence<T>(int index, IReadOnlyList<PredictionTensor<T>>? tensors) =>
        SetValue(index, TypedValues.FromOptionalSequence(tensors is null ? null : Complete(index, tensors)));

    /// <summary>Lets the run read one state and write the next.</summary>
    public void SetState(PredictorState indices, StateTensor state)
    {
        _shapes.Accept(indices.Input, checked((int)TensorShape.Count(state.Shape)), state.Shape);
        Prepared.BorrowInput(indices.Input, state.Current);
        Prepared.BorrowOutput(indices.Output, state.Next);
        _isSet[indices.Input] = true;
    }

    /// <summary>Runs, once it is sure that each input has a value: of this call, or, in place, of any call before.</summary>
    public void Run(bool isInPlace, CancellationToken cancellationToken)
    {
        if (isInPlace)
        {
            Prepared.Run(cancellationToken);
        }
        else
        {
            ThrowUnlessAllAreSet();
            Prepared.RunAlone(cancellationToken);
        }
    }

    /// <summary>A copy of one sample of an output, as if it had been alone.</summary>
    /// <exception cref="TensorMismatchException">The output does not have one entry per sample.</exception>
    public PredictionTensor<T> Sample<T>(int index, int sample, int count, IReadOnlyList<string>? labels)
        where T : unmanaged
    {
        var shape = Prepared.OutputShape(index);
        if (shape.Length == 0 || shape[0] != count)
        {
            throw new TensorMismatchException(TensorCheck.Output, Prepared.Outputs[index].Name, $"an entry for each of {count} samples", TensorShape.Text(shape));
        }

        var elements = Prepared.Output<T>(index);
        int length = elements.Length / count;
        Span<long> one = stackalloc long[shape.Length];
        shape.CopyTo(one);
        one[0] = 1;
        return new PredictionTensor<T>(elements.Slice(sample * length, length).ToArray(), one) { Labels = labels };
    }

    public void Dispose() => Prepared.Dispose();

    /// <summary>By itself: room on the stack costs the caller its guard.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetOpenInput<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        Span<long> shape = stackalloc long[RankOf(index)];
        _shapes.Infer(index, elements.Length, shape);
        SetInput(index, elements, shape);
    }

    private void SetValue(int index, ModelValue value)
    {
        Prepared.SetInput(index, value);
        _isSet[index] = true;
    }

    private void ThrowUnlessAllAreSet()
    {
        for (int i = 0; i < _isSet.Length; i++)
        {
            if (!_isSet[i] && !_inputs[i].Spec.HasDefault)
            {
                throw Missing(i);
            }
        }
    }

    private TensorMismatchException Missing(int index) => _shapes.Mismatch(index, "nothing");

    private IReadOnlyList<T> Complete<T>(int index, IReadOnlyList<T>? items) => (items ?? throw Missing(index)).Any(item => item is null)
        ? throw _shapes.Mismatch(index, "null among its items")
        : items;

    private IReadOnlyDictionary<TKey, TValue> Complete<TKey, TValue>(int index, IReadOnlyDictionary<TKey, TValue>? map)
        where TKey : notnull => (map ?? throw Missing(index)).Values.Any(value => value is null)
        ? throw _shapes.Mismatch(index, "null among its values")
        : map;

    private Span<T> Room<T>(int index, int sample, int count)
        where T : unmanaged
    {
        if (sample > 0)
        {
            return Prepared.Input<T>(index);
        }

        Span<long> shape = stackalloc long[RankOf(index)];
        _inputs[index].Sizes.CopyTo(shape);
        shape[0] = count;
        _shapes.Accept(index, checked(_inputs[index].SampleLength * count), shape);
        _isSet[index] = true;
        return Prepared.ResizeInput<T>(index, shape);
    }

    private int RankOf(int index) =>
        _inputs[index].Rank >= 0 ? _inputs[index].Rank : throw _shapes.Mismatch(index, "elements without a shape");
}
