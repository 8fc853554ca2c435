using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// A tensor that one call writes and the next reads. Two values change places, so that nothing is copied; where the run
/// finds the size of the new state, the library makes its memory.
/// </summary>
internal sealed unsafe class StateTensor : IDisposable
{
    private readonly NativeEnvironment _environment;
    private readonly TensorElementType _type;
    private readonly long[] _initialShape;
    private readonly bool _keepsShape;
    private OrtHandle _current;
    private OrtHandle? _next;

    /// <param name="environment">The library.</param>
    /// <param name="input">The input that reads the state.</param>
    /// <param name="output">The output that writes it.</param>
    /// <param name="shape">The shape of the state when a conversation begins.</param>
    public StateTensor(NativeEnvironment environment, TensorSpec input, TensorSpec output, long[] shape)
    {
        _environment = environment;
        _type = input.ElementType;
        _initialShape = shape;
        Shape = shape;
        _keepsShape = KeepsShape(input, output, shape);
        _current = NewTensor();
        _next = _keepsShape ? NewTensor() : null;
    }

    /// <summary>The shape of the current state.</summary>
    public long[] Shape { get; private set; }

    /// <summary>The state that the next call reads.</summary>
    public nint Current => _current.Value;

    /// <summary>Where the next call writes; 0: into memory that the library makes.</summary>
    public nint Next => _next?.Value ?? 0;

    /// <summary>The call is over: what it wrote is the state.</summary>
    /// <param name="made">The value that the library made; 0 where there was one to write into.</param>
    public void Advance(nint made)
    {
        if (_keepsShape)
        {
            (_current, _next) = (_next!, _current);
            return;
        }

        var old = _current;
        _current = new OrtHandle(_environment.Api, made, OrtFunction.ReleaseValue);
        old.Dispose();
        Shape = ValueReader.ReadShape(_environment.Api, made).Shape;
    }

    /// <summary>Begins anew: zeros, in the shape of the beginning.</summary>
    public void Reset()
    {
        if (_keepsShape)
        {
            Clear(_current.Value);
            return;
        }

        _current.Dispose();
        _current = NewTensor();
        Shape = _initialShape;
    }

    public void Dispose()
    {
        _current.Dispose();
        _next?.Dispose();
    }

    private OrtHandle NewTensor()
    {
        var handle = new OrtHandle(_environment.Api, _environment.Api.CreateTensor(_initialShape, _type), OrtFunction.ReleaseValue);
        Clear(handle.Value);
        return handle;
    }

    private void Clear(nint tensor)
    {
        long bytes = _type.ByteSize(TensorShape.Count(_initialShape));
        if (bytes > 0)
        {
            new Span<byte>(_environment.Api.GetData(tensor), checked((int)bytes)).Clear();
        }
    }

    /// <summary>Only what is declared counts: an output whose size nobody knows cannot be given memory.</summary>
    private static bool KeepsShape(TensorSpec input, TensorSpec output, long[] shape) =>
        input.Shape is { } read && output.Shape is { } written && read.Count == written.Count &&
        read.Zip(written, shape).All(axis => axis.Second.Size >= 0 ? axis.Second.Size == axis.Third : axis.Second.Symbol is { } symbol && symbol == axis.First.Symbol);
}
