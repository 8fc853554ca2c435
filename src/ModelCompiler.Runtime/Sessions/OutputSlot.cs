using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// An output of a <see cref="PreparedRun"/>. Where the shape is fixed, the model writes into memory that is made once;
/// otherwise each run sizes it anew, in memory of the library's.
/// </summary>
/// <param name="environment">The library.</param>
/// <param name="info">What the model declares.</param>
/// <param name="allocator">Where the memory comes from; null for plain memory.</param>
/// <param name="values">Where the run finds the value, at <paramref name="index"/>, and leaves the one that it makes.</param>
/// <param name="index">The number of the output.</param>
internal sealed unsafe class OutputSlot(NativeEnvironment environment, TensorInfo info, HostAllocator? allocator, RunValues values, int index)
{
    private readonly List<InputSlot> _readers = [];
    private readonly bool _isFixed = info.Kind == ValueKind.Tensor && info.HasFixedShape && info.ElementType.BitWidth() > 0;
    private NativeBuffer _memory = new(allocator);
    private long[] _shape = [];
    private long _count;
    private byte* _data;
    private nint _own;
    private nint _borrowed;

    public TensorInfo Info => info;

    /// <summary>The memory of a device that the output stays in; 0 for the host's.</summary>
    public nint DeviceMemory { get; private set; }

    /// <summary>Whether each run writes into the same memory of the host.</summary>
    public bool IsInPlace => _isFixed && DeviceMemory == 0;

    /// <summary>The value for the run: 0 asks the library to make one.</summary>
    public nint Value => _borrowed != 0 ? _borrowed : _own;

    /// <summary>Makes the memory of an output whose shape is fixed.</summary>
    public void Prepare()
    {
        if (IsInPlace)
        {
            _shape = [.. info.Shape!];
            _count = TensorShape.Count(_shape);
            nuint bytes = checked((nuint)info.ElementType.ByteSize(_count));
            _memory.Ensure(bytes);
            _data = _memory.Pointer;
            _own = environment.Api.CreateTensor(allocator?.MemoryInfo ?? environment.CpuMemory.Value, _data, bytes, _shape, info.ElementType);
            values.SetOutput(index, Value);
            _readers.ForEach(reader => reader.Borrow(_own));
        }
    }

    public ReadOnlySpan<long> Shape => Value != 0 ? _shape : throw NotRun();

    public ReadOnlySpan<T> Elements<T>()
        where T : unmanaged
    {
        ElementTypes.CheckHolds<T>(TensorCheck.Output, info);
        if (DeviceMemory != 0)
        {
            throw new InvalidOperationException($"Output '{info.Name}' stays on the device, where another run reads it.");
        }

        return new ReadOnlySpan<T>(_data, ElementTypes.SpanLength<T>(info.ElementType, Value != 0 ? _count : throw NotRun()));
    }

    /// <summary>A copy of a value of any kind.</summary>
    public ModelValue Read() => Value != 0 && DeviceMemory == 0 ? ValueReader.Read(environment.Api, info.Name, Value) : throw NotRun();

    public string[] Strings() => ValueReader.ReadStrings(environment.Api, Value, Value != 0 ? _count : throw NotRun());

    /// <summary>Lets an input of another run read what this one writes, where it is.</summary>
    /// <param name="reader">The input.</param>
    /// <param name="deviceMemory">The memory of a device that both have it in; 0 for the host's.</param>
    public void Feed(InputSlot reader, nint deviceMemory)
    {
        _readers.ForEach(other => other.GiveBack());
        DeviceMemory = _readers.Count == 0 || DeviceMemory == deviceMemory ? deviceMemory : 0;
        _readers.Add(reader);
        ReleaseValue();
        _data = null;
        Prepare();
    }

    /// <summary>Lets go of what the last run made.</summary>
    public void BeforeRun()
    {
        if (!IsInPlace)
        {
            _readers.ForEach(reader => reader.GiveBack());
            ReleaseValue();
            values.SetOutput(index, Value);
        }
    }

    /// <summary>Lets the run write into a value that stays the property of its owner; 0 ends that.</summary>
    public void Borrow(nint value)
    {
        _borrowed = value;
        values.SetOutput(index, Value);
    }

    /// <summary>Gives what the run made to the caller, who releases it; 0 when it was written into a borrowed value.</summary>
    public nint Detach()
    {
        nint value = _borrowed != 0 ? 0 : _own;
        _own = _borrowed != 0 ? _own : 0;
        return value;
    }

    /// <summary>Owns what this run made.</summary>
    public void Take()
    {
        if (_borrowed == 0)
        {
            _own = values.Outputs[index];
        }
    }

    /// <summary>Reads where the elements are and how many.</summary>
    public void AfterRun()
    {
        if (!IsInPlace && _borrowed == 0 && info.Kind == ValueKind.Tensor)
        {
            ReadShape();
            _data = info.ElementType == TensorElementType.String || DeviceMemory != 0 ? null : (byte*)environment.Api.GetData(Value);
            // Not ForEach, whose lambda would be an object for each run.
            foreach (var reader in _readers)
            {
                reader.Borrow(Value);
            }
        }
    }

    public void Free()
    {
        _readers.ForEach(reader => reader.GiveBack());
        ReleaseValue();
        _memory.Free();
    }

    private void ReadShape()
    {
        var api = environment.Api;
        nint tensor = api.GetTensorInfo(Value);
        try
        {
            int rank = api.GetRank(tensor);
            if (_shape.Length != rank)
            {
                _shape = new long[rank];
            }

            api.GetDimensions(tensor, _shape);
            _count = TensorShape.Count(_shape);
        }
        finally
        {
            api.Release(OrtFunction.ReleaseTensorTypeAndShapeInfo, tensor);
        }
    }

    private void ReleaseValue()
    {
        if (_own != 0)
        {
            environment.Api.Release(OrtFunction.ReleaseValue, _own);
            _own = 0;
        }
    }

    private InvalidOperationException NotRun() => new($"Output '{info.Name}' has no value before a run.");
}
