using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// An output of a <see cref="PreparedRun"/>. Where the shape is fixed, the model writes into memory that is made once;
/// otherwise each run sizes it anew, in memory of the library's.
/// </summary>
internal sealed unsafe class OutputSlot(NativeEnvironment environment, TensorInfo info)
{
    private readonly bool _isFixed = info.HasFixedShape && info.ElementType.BitWidth() > 0;
    private NativeBuffer _memory;
    private long[] _shape = [];
    private byte* _data;

    /// <summary>The value for the run: 0 asks the library to make one.</summary>
    public nint Value { get; private set; }

    /// <summary>Makes the memory of an output whose shape is fixed.</summary>
    public void Prepare()
    {
        if (_isFixed)
        {
            _shape = [.. info.Shape!];
            nuint bytes = checked((nuint)info.ElementType.ByteSize(TensorShape.Count(_shape)));
            _memory.Ensure(bytes);
            _data = _memory.Pointer;
            Value = environment.Api.CreateTensor(environment.CpuMemory.Value, _data, bytes, _shape, info.ElementType);
        }
    }

    public ReadOnlySpan<long> Shape => Value != 0 ? _shape : throw NotRun();

    public ReadOnlySpan<T> Elements<T>()
        where T : unmanaged
    {
        ElementTypes.CheckHolds<T>(TensorCheck.Output, info);
        return new ReadOnlySpan<T>(_data, ElementTypes.SpanLength<T>(info.ElementType, TensorShape.Count(Shape)));
    }

    public string[] Strings() => ValueReader.ReadStrings(environment.Api, Value, TensorShape.Count(Shape));

    /// <summary>Lets go of what the last run made.</summary>
    public void BeforeRun()
    {
        if (!_isFixed)
        {
            ReleaseValue();
        }
    }

    /// <summary>Owns what this run made.</summary>
    public void Take(nint value) => Value = value;

    /// <summary>Reads where the elements are and how many.</summary>
    public void AfterRun()
    {
        if (!_isFixed)
        {
            ReadShape();
            _data = info.ElementType == TensorElementType.String ? null : (byte*)environment.Api.GetData(Value);
        }
    }

    public void Free()
    {
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
        }
        finally
        {
            api.Release(OrtFunction.ReleaseTensorTypeAndShapeInfo, tensor);
        }
    }

    private void ReleaseValue()
    {
        if (Value != 0)
        {
            environment.Api.Release(OrtFunction.ReleaseValue, Value);
            Value = 0;
        }
    }

    private InvalidOperationException NotRun() => new($"Output '{info.Name}' has no value before a run.");
}
