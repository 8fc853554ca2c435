using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// A model that is loaded and ready to run. Safe to use from many threads. Disposing it while runs are under way refuses
/// new ones and frees the native session when the last is over.
/// </summary>
public sealed unsafe class InferenceSession : IDisposable
{
    private readonly OrtHandle _handle;
    private readonly OrtApi _api;
    private readonly nint _native;
    private readonly OrtHandle? _quietRun;
    private readonly LogSeverity _logSeverity;
    private readonly bool _sharesQueue;
    private readonly Dictionary<string, TensorInfo> _inputs;
    private readonly Dictionary<string, TensorInfo> _outputs;
    private readonly string[] _outputNames;
    private readonly FaultDetection _faults;
    private readonly ArenaWatch? _arena;
    private readonly ArenaWatch? _watch;
    private readonly bool _isPlain;
    private ProviderFault? _fault;
    private volatile bool _isDisposed;

    private InferenceSession(NativeEnvironment environment, SessionOptions options, Func<nint, string?, nint> create)
    {
        Environment = environment;
        _logSeverity = options.LogSeverity;
        _quietRun = ProviderSelection.IsRecorded(options) ? RunCancellation.CreateRunOptions(environment, _logSeverity) : null;
        // Options of runs last as long as the session, whose last run may still be under way when it is disposed.
        _arena = ArenaWatch.Create(environment, _quietRun ?? environment.Handle, options);
        _sharesQueue = DeviceTurn.IsNeeded(options);
        nint session;
        using (DeviceTurn.Take(_sharesQueue))
        {
            (session, Placement) = ProviderSelection.Open(environment, options, create);
        }

        _faults = new FaultDetection(Placement.Decisions.Where(decision => decision.IsUsed).Select(decision => decision.Provider), DeviceReports.OfProcess);
        _handle = new OrtHandle(environment.Api, session, OrtFunction.ReleaseSession, _arena?.ShrinkingRun ?? _quietRun ?? environment.Handle);
        PinnedMemory = HostAllocator.OfFirst(Placement, options, environment.Api, _handle);
        // The same as what the handle and the environment hold, for runs to have at hand.
        var api = _api = environment.Api;
        _native = session;
        Inputs = TypeInfoReader.ReadAll(api, session, api.GetInputCount(session), api.GetInputName, api.GetInputType);
        Outputs = TypeInfoReader.ReadAll(api, session, api.GetOutputCount(session), api.GetOutputName, api.GetOutputType);
        OptionalInputs = TypeInfoReader.ReadAll(api, session, api.GetInitializerCount(session), api.GetInitializerName, api.GetInitializerType);
        _inputs = Inputs.Concat(OptionalInputs).ToDictionary(input => input.Name, StringComparer.Ordinal);
        // A file may list an output twice.
        _outputs = Outputs.DistinctBy(output => output.Name).ToDictionary(output => output.Name, StringComparer.Ordinal);
        _outputNames = [.. Outputs.Select(output => output.Name)];
        if (Inputs.Any(input => !input.HasFixedShape))
        {
            _arena?.Begin(session);
            _watch = _arena;
        }

        _isPlain = _watch is null && _quietRun is null && !_sharesQueue;
    }

    /// <summary>Inputs that each run needs, in the model's order.</summary>
    public IReadOnlyList<TensorInfo> Inputs { get; }

    /// <summary>Inputs with a default value in the model, which a run may replace.</summary>
    public IReadOnlyList<TensorInfo> OptionalInputs { get; }

    /// <summary>Outputs, in the model's order.</summary>
    public IReadOnlyList<TensorInfo> Outputs { get; }

    /// <summary>The providers that were taken, and the nodes that each of them runs.</summary>
    public SessionPlacement Placement { get; }

    /// <summary>Why the session refuses to run any more; null while it works.</summary>
    public ProviderFault? Fault => Volatile.Read(ref _fault);

    /// <summary>Raised once, by the run that found the fault.</summary>
    internal event Action<ProviderFault>? Faulted;

    internal NativeEnvironment Environment { get; }

    /// <summary>Memory of the host that the session's device copies from without a detour; null where plain memory serves.</summary>
    internal HostAllocator? PinnedMemory { get; }

    /// <summary>Opens a model file; its external data lies beside it.</summary>
    /// <exception cref="OnnxRuntimeException">The file is missing, or is no model that ONNX Runtime accepts.</exception>
    /// <exception cref="ProviderUnavailableException">An execution provider cannot be used.</exception>
    /// <exception cref="NativeLibraryException">ONNX Runtime could not be loaded.</exception>
    public static InferenceSession Open(string path, SessionOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var environment = NativeEnvironment.For(options?.SharedThreads);
        return new InferenceSession(
            environment, options ?? new SessionOptions(), (native, kept) => environment.Api.CreateSession(environment.Handle.Value, kept ?? path, native));
    }

    /// <summary>Opens a model from its bytes, which are copied.</summary>
    /// <exception cref="OnnxRuntimeException">The bytes are no model that ONNX Runtime accepts.</exception>
    /// <exception cref="ProviderUnavailableException">An execution provider cannot be used.</exception>
    /// <exception cref="NativeLibraryException">ONNX Runtime could not be loaded.</exception>
    public static InferenceSession Open(ReadOnlyMemory<byte> model, SessionOptions? options = null) =>
        Open(NativeEnvironment.For(options?.SharedThreads), model, options ?? new SessionOptions());

    /// <summary>Runs the model on tensors.</summary>
    /// <param name="inputs">Inputs by name; those in <see cref="OptionalInputs"/> may be left out.</param>
    /// <param name="outputs">The outputs that are wanted, or null for all.</param>
    /// <param name="cancellationToken">Stops the run before its next node.</param>
    /// <returns>The outputs, in the order of <paramref name="outputs"/>.</returns>
    /// <exception cref="TensorMismatchException">A name, type, rank or dimension does not fit the model.</exception>
    /// <exception cref="OnnxRuntimeException">The run failed.</exception>
    /// <exception cref="ProviderFaultException">The execution provider failed, now or before.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public TensorBuffer[] Run(
        IReadOnlyList<(string Name, TensorBuffer Value)> inputs, IReadOnlyList<string>? outputs = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ThrowIfDisposed();
        return NamedRun.OnTensors(this, inputs, outputs ?? _outputNames, cancellationToken);
    }

    /// <summary>Runs the model on values of any kind: tensors, sequences, maps.</summary>
    /// <inheritdoc cref="Run(IReadOnlyList{ValueTuple{string, TensorBuffer}}, IReadOnlyList{string}?, CancellationToken)"/>
    public ModelValue[] RunValues(
        IReadOnlyList<(string Name, ModelValue Value)> inputs, IReadOnlyList<string>? outputs = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ThrowIfDisposed();
        return NamedRun.OnValues(this, inputs, outputs ?? _outputNames, cancellationToken);
    }

    /// <summary>Ends profiling and writes the profile, Chrome's trace format.</summary>
    /// <returns>The path of the file; empty when <see cref="SessionOptions.ProfilingPrefix"/> was not set.</returns>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public string EndProfiling()
    {
        using var lease = Lease();
        return Environment.Api.EndProfiling(lease.Session);
    }

    /// <summary>Refuses new runs; the native session goes with the last run that is under way.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        using (DeviceTurn.Take(_sharesQueue))
        {
            PinnedMemory?.Dispose();
            _handle.Dispose();
        }

        _arena?.Dispose();
        _quietRun?.Dispose();
    }

    internal static InferenceSession Open(NativeEnvironment environment, ReadOnlyMemory<byte> model, SessionOptions options) =>
        new(environment, options, (native, kept) => kept is null
            ? environment.Api.CreateSession(environment.Handle.Value, model.Span, native)
            : environment.Api.CreateSession(environment.Handle.Value, kept, native));

    /// <exception cref="TensorMismatchException">The model has no such output.</exception>
    internal TensorInfo FindOutput(string name) =>
        _outputs.GetValueOrDefault(name) ?? throw TensorCheck.UnknownName(TensorCheck.Output, name, _outputs.Keys);

    /// <exception cref="TensorMismatchException">The model has no such input.</exception>
    internal TensorInfo FindInput(string name) =>
        _inputs.GetValueOrDefault(name) ?? throw TensorCheck.UnknownName(TensorCheck.Input, name, _inputs.Keys);

    internal OrtHandle Handle => _handle;

    /// <summary>The bytes that the memory of runs has of the system, weights included; null where it is not bounded.</summary>
    internal long? ArenaSize => _arena?.SizeOf(_handle.Value);

    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    internal SessionLease Lease()
    {
        ThrowIfDisposed();
        return new SessionLease(_handle);
    }

    /// <summary>The memory in which a device leaves an output and the next session reads it as an input; 0 where that is the host's, or not the same.</summary>
    internal nint MemoryShared(int output, InferenceSession next, int input)
    {
        var api = Environment.Api;
        // Of inputs with a default the library does not say where it reads them.
        if (!api.Supports(OrtApi.SessionMemoryVersion) || input >= next.Inputs.Count)
        {
            return 0;
        }

        using var lease = Lease();
        using var nextLease = next.Lease();
        nint written = api.GetOutputMemory(lease.Session, Outputs.Count)[output];
        nint read = api.GetInputMemory(nextLease.Session, next.Inputs.Count)[input];
        return !api.IsHostMemory(written) && api.IsSameMemory(written, read) ? written : 0;
    }

    internal DeviceBinding CreateBinding()
    {
        ThrowIfDisposed();
        return new DeviceBinding(Environment, _handle);
    }

    /// <summary>Values on a device go back to it: where sessions share a queue, when it is free.</summary>
    internal DeviceTurn TakeTurn() => DeviceTurn.Take(_sharesQueue);

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    /// <summary>Runs on native arrays. Allocates nothing unless the token can be cancelled.</summary>
    /// <param name="arrays">Names and values.</param>
    /// <param name="binding">For runs whose outputs may stay on a device; null for others.</param>
    /// <param name="memory">With a binding, the memory of each output that the run makes; 0 for the host's.</param>
    /// <param name="isHeld">Whether the caller keeps the native session open (<see cref="Hold"/>).</param>
    /// <param name="cancellationToken">Stops the run before its next node.</param>
    internal void Run(in RunArrays arrays, DeviceBinding? binding, ReadOnlySpan<nint> memory, bool isHeld, CancellationToken cancellationToken)
    {
        ThrowIfFaulted();
        if (isHeld && _isPlain && binding is null && !cancellationToken.CanBeCanceled)
        {
            ThrowIfDisposed();
            if (_api.Run(_native, 0, arrays) is not 0 and nint status)
            {
                Check(status, cancellationToken);
            }
        }
        else
        {
            RunGuarded(arrays, binding, memory, cancellationToken);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RunGuarded(in RunArrays arrays, DeviceBinding? binding, ReadOnlySpan<nint> memory, CancellationToken cancellationToken)
    {
        using var turn = DeviceTurn.Take(_sharesQueue);
        cancellationToken.ThrowIfCancellationRequested();
        using var lease = Lease();
        using var cancellation = new RunCancellation(Environment, SharedRunOptions(), _quietRun is not null, _logSeverity, cancellationToken);
        Check(
            binding is not null
                ? binding.Run(lease.Session, cancellation.RunOptions, arrays, memory)
                : _api.Run(lease.Session, cancellation.RunOptions, arrays),
            cancellationToken);
        if (_sharesQueue && _faults.FindReported() is { } reported)
        {
            throw Break(reported, null);
        }
    }

    /// <summary>Keeps the native session open until <see cref="LetGo"/>, so that runs need not.</summary>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    internal void Hold()
    {
        ThrowIfDisposed();
        bool added = false;
        _handle.DangerousAddRef(ref added);
    }

    /// <summary>Ends a <see cref="Hold"/>.</summary>
    internal void LetGo() => _handle.DangerousRelease();

    /// <summary>Options of runs that nothing cancels; 0 for none.</summary>
    private nint SharedRunOptions() => _watch?.NextRunOptions() is { } shrinking and not 0 ? shrinking : _quietRun?.Value ?? 0;

    private void Check(nint status, CancellationToken cancellationToken)
    {
        _watch?.AfterRun(_handle.Value);
        if (status != 0)
        {
            var failure = Environment.Api.ToException(status);
            cancellationToken.ThrowIfCancellationRequested();
            throw _faults.Find(failure) is { } fault ? Break(fault, failure) : failure;
        }
    }

    private void ThrowIfFaulted()
    {
        if (Fault is not null)
        {
            ThrowFaulted();
        }
    }

    [DoesNotReturn]
    private void ThrowFaulted() => throw new ProviderFaultException(Fault!);

    private ProviderFaultException Break(ProviderFault fault, OnnxRuntimeException? failure)
    {
        if (Interlocked.CompareExchange(ref _fault, fault, null) is null)
        {
            Faulted?.Invoke(fault);
        }

        return new ProviderFaultException(fault, failure);
    }
}
