using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// An input of a <see cref="PreparedRun"/>: memory of a shape, and the library's value over it. It can also hold a value
/// of another kind, or borrow one that somebody else owns.
/// </summary>
/// <param name="environment">The library.</param>
/// <param name="info">What the model declares.</param>
/// <param name="allocator">Where the memory comes from; null for plain memory.</param>
/// <param name="values">Where the run reads the value, at <paramref name="index"/>.</param>
/// <param name="index">The number of the input.</param>
internal sealed unsafe class InputSlot(NativeEnvironment environment, TensorInfo info, HostAllocator? allocator, RunValues values, int index) : IDisposable
{
    private NativeBuffer _memory = new(allocator);
    private long[] _shape = [];
    private long _count;
    private InputValues? _composite;
    private bool _isBorrowed;

    public TensorInfo Info => info;

    /// <summary>The value for the run; 0 until there is a shape.</summary>
    public nint Value
    {
        get;
        private set
        {
            field = value;
            values.SetInput(index, value);
        }
    }

    /// <summary>The elements, or the packed bytes of types that no .NET type holds.</summary>
    public Span<T> Elements<T>()
        where T : unmanaged
    {
        if (Value == 0 || _isBorrowed)
        {
            throw new InvalidOperationException(_isBorrowed ? $"Input '{info.Name}' is the output of another run." : $"Input '{info.Name}' has no shape yet: {info}.");
        }

        ElementTypes.CheckHolds<T>(TensorCheck.Input, info);
        return new Span<T>(_memory.Pointer, ElementTypes.SpanLength<T>(info.ElementType, _count));
    }

    /// <summary>Gives the input a shape. The value and the memory stay where they are when it is the one they have.</summary>
    public void Resize(ReadOnlySpan<long> shape)
    {
        if (Value != 0 && !_isBorrowed && shape.SequenceEqual(_shape))
        {
            return;
        }

        TensorCheck.Check(info, info.ElementType, shape);
        nuint bytes = SizeOf(shape);
        ReleaseValue();
        _memory.Ensure(bytes);
        Value = environment.Api.CreateTensor(allocator?.MemoryInfo ?? environment.CpuMemory.Value, _memory.Pointer, bytes, shape, info.ElementType);
        SetShape(shape);
    }

    public void SetStrings(ReadOnlySpan<string> values, ReadOnlySpan<long> shape)
    {
        TensorCheck.Check(info, TensorElementType.String, shape);
        if (TensorShape.Count(shape) != values.Length)
        {
            throw new TensorMismatchException(TensorCheck.Input, info.Name, $"{TensorShape.Count(shape)} strings", $"{values.Length}");
        }

        ReleaseValue();
        Value = environment.Api.CreateTensor(shape, TensorElementType.String);
        SetShape(shape);
        for (int i = 0; i < values.Length; i++)
        {
            environment.Api.SetString(Value, i, values[i]);
        }
    }

    /// <summary>Sets a value of any kind; an optional that holds nothing is no value.</summary>
    public void SetValue(ModelValue value)
    {
        ReleaseValue();
        if (value is ModelValue.None && info.Kind == ValueKind.Optional)
        {
            return;
        }

        TensorCheck.Check(info, value);
        _composite = new InputValues(environment, [(info.Name, value)]);
        Value = _composite.Pointers[0];
    }

    /// <summary>Forgets the value; the memory is kept for the next one.</summary>
    public void Clear() => ReleaseValue();

    /// <summary>Uses a value that stays the property of its owner.</summary>
    public void Borrow(nint value)
    {
        ReleaseValue();
        Value = value;
        _isBorrowed = true;
    }

    /// <summary>Lets go of a value that was borrowed.</summary>
    public void GiveBack()
    {
        if (_isBorrowed)
        {
            ReleaseValue();
        }
    }

    public void Dispose()
    {
        ReleaseValue();
        _memory.Free();
    }

    /// <summary>The bytes of a shape, once it is sure that they fit: the system would grant more memory than it has, and end the process when it is used.</summary>
    private nuint SizeOf(ReadOnlySpan<long> shape)
    {
        const long Unchecked = 1 << 28;
        long bytes = TensorShape.SpanCount(shape) < long.MaxValue ? info.ElementType.ByteSize(TensorShape.Count(shape)) : long.MaxValue;
        if (bytes > Unchecked && bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            throw new TensorMismatchException(TensorCheck.Input, info.Name, info.ToString(), $"the shape {TensorShape.Text(shape)}, which is more than fits into memory");
        }

        return (nuint)bytes;
    }

    private void SetShape(ReadOnlySpan<long> shape)
    {
        if (_shape.Length != shape.Length)
        {
            _shape = new long[shape.Length];
        }

        shape.CopyTo(_shape);
        _count = TensorShape.Count(shape);
    }

    private void ReleaseValue()
    {
        if (_composite is not null)
        {
            _composite.Dispose();
            _composite = null;
        }
        else if (Value != 0 && !_isBorrowed)
        {
            environment.Api.Release(OrtFunction.ReleaseValue, Value);
        }

        Value = 0;
        _isBorrowed = false;
    }
}
