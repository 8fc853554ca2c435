using System.Runtime.CompilerServices;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// A run whose inputs and outputs stay in place: the program writes into the very memory that the model reads, and reads
/// what the model wrote. With fixed shapes a run allocates nothing. For one thread at a time: a run that overlaps another is refused.
/// </summary>
public sealed unsafe partial class PreparedRun : IDisposable
{
    private readonly InferenceSession _session;
    private readonly InputSlot[] _inputs;
    private readonly OutputSlot[] _outputs;
    private readonly NativeTextArray _inputNames;
    private readonly NativeTextArray _outputNames;
    private readonly nint[] _deviceMemory;
    private readonly bool _holdsSession;
    private readonly RunValues _values;
    private readonly GivenInputs? _given;
    private readonly RunArrays _arrays;
    private DeviceBinding? _binding;
    private bool _isInPlace;
    private UseGate _gate;

    /// <param name="session">The session to run; it may be disposed first, runs then fail.</param>
    /// <param name="outputs">The outputs that are wanted, or null for all.</param>
    /// <exception cref="TensorMismatchException">There is no such output.</exception>
    public PreparedRun(InferenceSession session, IReadOnlyList<string>? outputs = null)
        : this(session, outputs, session?.PinnedMemory, takesOptional: false)
    {
    }

    /// <param name="session">The session to run.</param>
    /// <param name="outputs">The outputs that are wanted, or null for all.</param>
    /// <param name="allocator">Where the memory of inputs and outputs comes from; null for plain memory.</param>
    /// <param name="takesOptional">Whether inputs with a default can be given; they follow those that must be.</param>
    /// <param name="holdsSession">Whether the session stays open until this run is disposed, rather than for each run anew: cheaper.</param>
    internal PreparedRun(
        InferenceSession session, IReadOnlyList<string>? outputs, HostAllocator? allocator, bool takesOptional = false, bool holdsSession = false)
    {
        ArgumentNullException.ThrowIfNull(session);
        _session = session;
        Inputs = takesOptional ? [.. session.Inputs, .. session.OptionalInputs] : session.Inputs;
        Outputs = outputs is null ? session.Outputs : [.. outputs.Select(session.FindOutput)];
        _inputNames = new NativeTextArray([.. Inputs.Select(input => input.Name)]);
        _outputNames = new NativeTextArray([.. Outputs.Select(output => output.Name)]);
        _values = new RunValues(Inputs.Count, Outputs.Count);
        _inputs = [.. Inputs.Select((input, i) => new InputSlot(session.Environment, input, allocator, _values, i))];
        _outputs = [.. Outputs.Select((output, i) => new OutputSlot(session.Environment, output, allocator, _values, i))];
        _given = Enumerable.Range(0, Inputs.Count).Any(CanBeLeftOut) ? new GivenInputs(_inputNames, _inputs) : null;
        _arrays = new RunArrays
        {
            InputNames = _inputNames.Pointers,
            Inputs = _values.Inputs,
            InputCount = _inputs.Length,
            OutputNames = _outputNames.Pointers,
            Outputs = _values.Outputs,
            OutputCount = _outputs.Length,
        };
        _deviceMemory = new nint[_outputs.Length];
        if (holdsSession)
        {
            session.Hold();
            _holdsSession = true;
        }

        Prepare();
    }

    /// <summary>Frees the native memory.</summary>
    ~PreparedRun() => Free();

    /// <summary>The inputs, in the order of their indices.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>The outputs, in the order of their indices.</summary>
    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>The elements of an input, in place. Zero at first; they keep their values from run to run.</summary>
    /// <exception cref="InvalidOperationException">The shape is not fixed, and <see cref="ResizeInput{T}"/> gave none.</exception>
    /// <exception cref="TensorMismatchException"><typeparamref name="T"/> is not the element type's .NET type.</exception>
    public Span<T> Input<T>(int index)
        where T : unmanaged
    {
        ThrowIfDisposed();
        return _inputs[index].Elements<T>();
    }

    /// <summary>Gives an input a shape and returns its elements. Spans of the input from before are no longer valid.</summary>
    /// <exception cref="TensorMismatchException">The shape does not fit the model, or <typeparamref name="T"/> not the element type.</exception>
    public Span<T> ResizeInput<T>(int index, scoped ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        _gate.ThrowUnlessIdle(Owner);
        _inputs[index].Resize(shape);
        return _inputs[index].Elements<T>();
    }

    /// <summary>Sets an input of strings, which are copied.</summary>
    /// <exception cref="TensorMismatchException">The shape, or the number of strings, does not fit.</exception>
    public void SetInput(int index, ReadOnlySpan<string> values, ReadOnlySpan<long> shape)
    {
        _gate.ThrowUnlessIdle(Owner);
        _inputs[index].SetStrings(values, shape);
    }

    /// <summary>Sets an input of any kind: a sequence, a map, or an optional, which may hold nothing.</summary>
    /// <exception cref="TensorMismatchException">The value is of another kind, type or shape than the model declares.</exception>
    public void SetInput(int index, ModelValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _gate.ThrowUnlessIdle(Owner);
        _inputs[index].SetValue(value);
    }

    /// <summary>Runs the model. Allocates nothing when the shapes are fixed and the token cannot be cancelled.</summary>
    /// <exception cref="InvalidOperationException">An input has no shape.</exception>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="ProviderFaultException">The execution provider failed, now or before.</exception>
    /// <exception cref="OverlappingRunException">Another thread runs it.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This run or its session is disposed.</exception>
    public void Run(CancellationToken cancellationToken = default)
    {
        _gate.Enter(Owner);
        try
        {
            ThrowIfInputMisses();
            RunAlone(cancellationToken);
        }
        finally
        {
            if (_gate.Leave())
            {
                Release();
            }
        }
    }

    /// <summary>The elements of an output: valid until the next run.</summary>
    /// <exception cref="InvalidOperationException">The shape is not fixed, and there was no run.</exception>
    /// <exception cref="TensorMismatchException"><typeparamref name="T"/> is not the element type's .NET type.</exception>
    public ReadOnlySpan<T> Output<T>(int index)
        where T : unmanaged
    {
        ThrowIfDisposed();
        return _outputs[index].Elements<T>();
    }

    /// <summary>The shape of an output: valid until the next run.</summary>
    /// <exception cref="InvalidOperationException">The shape is not fixed, and there was no run.</exception>
    public ReadOnlySpan<long> OutputShape(int index)
    {
        ThrowIfDisposed();
        return _outputs[index].Shape;
    }

    /// <summary>A copy of the elements of an output of strings.</summary>
    /// <exception cref="InvalidOperationException">There was no run.</exception>
    public string[] OutputStrings(int index)
    {
        ThrowIfDisposed();
        return _outputs[index].Strings();
    }

    /// <summary>A copy of an output of any kind.</summary>
    /// <exception cref="InvalidOperationException">There was no run.</exception>
    public ModelValue OutputValue(int index)
    {
        ThrowIfDisposed();
        return _outputs[index].Read();
    }

    /// <summary>Frees the native memory, after a run that is under way; spans over it are no longer valid.</summary>
    public void Dispose()
    {
        if (_gate.Close())
        {
            Release();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>What errors call it: the type that the program holds.</summary>
    internal string Owner { get; init; } = nameof(PreparedRun);

    /// <summary>What is thrown for an input without a value.</summary>
    internal Func<int, Exception> MissingInput
    {
        private get => field ?? (index => new InvalidOperationException($"Input '{_inputs[index].Info.Name}' has no value."));
        init;
    }

    /// <summary>Leaves an input to its default.</summary>
    internal void ClearInput(int index)
    {
        _gate.ThrowUnlessIdle(Owner);
        _inputs[index].Clear();
    }

    /// <summary>Runs, for a caller that nobody else shares it with, nor disposes it meanwhile, and who knows that no input is missing.</summary>
    internal void RunAlone(CancellationToken cancellationToken)
    {
        if (_isInPlace && _given is null)
        {
            _session.Run(_arrays, null, default, _holdsSession, cancellationToken);
        }
        else
        {
            RunAnew(cancellationToken);
        }
    }

    /// <summary>Runs where inputs may be left out, or outputs be made by the run.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RunAnew(CancellationToken cancellationToken)
    {
        BeforeRun();
        _session.Run(_given?.Of(_arrays) ?? _arrays, _binding, _deviceMemory, _holdsSession, cancellationToken);
        foreach (var output in _outputs)
        {
            output.Take();
        }

        foreach (var output in _outputs)
        {
            output.AfterRun();
        }
    }

    /// <summary>Lets go of what the last run made.</summary>
    private void BeforeRun()
    {
        using var turn = _binding is null ? default : _session.TakeTurn();
        foreach (var output in _outputs)
        {
            output.BeforeRun();
        }
    }

    /// <summary>The input has a default in the model, or may hold nothing.</summary>
    private bool CanBeLeftOut(int index) => index >= _session.Inputs.Count || Inputs[index].Kind == ValueKind.Optional;

    private void ThrowIfInputMisses()
    {
        int missing = _values.FirstWithout();
        while (missing >= 0 && missing < _inputs.Length)
        {
            if (_inputs[missing].Value == 0 && !CanBeLeftOut(missing))
            {
                throw MissingInput(missing);
            }

            missing++;
        }
    }

    private void Prepare()
    {
        try
        {
            foreach (var input in _inputs.Take(_session.Inputs.Count).Where(input => input.Info is { Kind: ValueKind.Tensor, HasFixedShape: true } && input.Info.ElementType.BitWidth() > 0))
            {
                input.Resize([.. input.Info.Shape!]);
            }

            Array.ForEach(_outputs, output => output.Prepare());
            _isInPlace = Array.TrueForAll(_outputs, output => output.IsInPlace);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private void ThrowIfDisposed() => _gate.ThrowIfClosed(Owner);

    private void Release()
    {
        Free();
        _inputNames.Dispose();
        _outputNames.Dispose();
    }

    private void Free()
    {
        // The finalizer comes here too where the constructor threw.
        if (_values is null || _values.IsFreed)
        {
            return;
        }

        using var turn = _session.TakeTurn();
        _binding?.Dispose();
        Array.ForEach(_inputs, input => input.Dispose());
        Array.ForEach(_outputs, output => output.Free());
        _values.Free();
        _given?.Free();
        if (_holdsSession)
        {
            _session.LetGo();
        }
    }
}
