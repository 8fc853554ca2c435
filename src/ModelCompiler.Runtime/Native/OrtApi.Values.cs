using System.Text;

namespace ModelCompiler.Runtime.Native;

/// <summary>Values: tensors, sequences, maps.</summary>
internal sealed unsafe partial class OrtApi
{
    /// <summary>A tensor over memory of the caller, which must stay where it is for as long as the value lives.</summary>
    public nint CreateTensor(nint memoryInfo, void* data, nuint bytes, ReadOnlySpan<long> shape, TensorElementType type)
    {
        nint value;
        fixed (long* dimensions = shape)
        {
            Check(((delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)this[OrtFunction.CreateTensorWithDataAsOrtValue])(
                memoryInfo, data, bytes, dimensions, (nuint)shape.Length, (int)type, &value));
        }

        return value;
    }

    /// <summary>A tensor that the library allocates, its elements not set: the only way to hold strings.</summary>
    public nint CreateTensor(ReadOnlySpan<long> shape, TensorElementType type)
    {
        nint value;
        fixed (long* dimensions = shape)
        {
            Check(((delegate* unmanaged<nint, long*, nuint, int, nint*, nint>)this[OrtFunction.CreateTensorAsOrtValue])(
                DefaultAllocator, dimensions, (nuint)shape.Length, (int)type, &value));
        }

        return value;
    }

    public void SetString(nint tensor, int index, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        byte* buffer;
        Check(((delegate* unmanaged<nint, nuint, nuint, byte**, nint>)this[OrtFunction.GetResizedStringTensorElementBuffer])(
            tensor, (nuint)index, (nuint)length, &buffer));
        Encoding.UTF8.GetBytes(text, new Span<byte>(buffer, length));
    }

    /// <summary>All strings of a tensor, one after another, and where each begins.</summary>
    public byte[] GetStrings(nint tensor, Span<nuint> offsets)
    {
        var content = new byte[GetCount(OrtFunction.GetStringTensorDataLength, tensor)];
        fixed (byte* bytes = content)
        fixed (nuint* starts = offsets)
        {
            Check(((delegate* unmanaged<nint, byte*, nuint, nuint*, nuint, nint>)this[OrtFunction.GetStringTensorContent])(
                tensor, bytes, (nuint)content.Length, starts, (nuint)offsets.Length));
        }

        return content;
    }

    public void* GetData(nint tensor) => (void*)Get(OrtFunction.GetTensorMutableData, tensor);

    public nint GetTensorInfo(nint tensor) => Get(OrtFunction.GetTensorTypeAndShape, tensor);

    public ValueKind GetValueKind(nint value) => (ValueKind)GetInt32(OrtFunction.GetValueType, value);

    /// <summary>False for an optional that holds nothing.</summary>
    public bool HasValue(nint value) => GetInt32(OrtFunction.HasValue, value) != 0;

    /// <summary>Elements of a sequence; 2 for a map, which is its keys and its values.</summary>
    public int GetValueCount(nint value) => GetCount(OrtFunction.GetValueCount, value);

    public nint GetElement(nint value, int index)
    {
        nint element;
        Check(((delegate* unmanaged<nint, int, nint, nint*, nint>)this[OrtFunction.GetValue])(value, index, DefaultAllocator, &element));
        return element;
    }

    public nint CreateComposite(ReadOnlySpan<nint> elements, ValueKind kind)
    {
        nint value;
        fixed (nint* values = elements)
        {
            Check(((delegate* unmanaged<nint*, nuint, int, nint*, nint>)this[OrtFunction.CreateValue])(values, (nuint)elements.Length, (int)kind, &value));
        }

        return value;
    }
}
