using System.Text;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>Copies values of the library into the memory of the program.</summary>
internal static unsafe class ValueReader
{
    /// <param name="api">The library.</param>
    /// <param name="name">Name of the output, for messages.</param>
    /// <param name="value">A value that the caller keeps.</param>
    public static ModelValue Read(OrtApi api, string name, nint value)
    {
        if (!api.HasValue(value))
        {
            return new ModelValue.None();
        }

        var kind = api.GetValueKind(value);
        return kind switch
        {
            ValueKind.Tensor => ReadTensor(api, name, value),
            ValueKind.Sequence => new ModelValue.Sequence([.. Enumerable.Range(0, api.GetValueCount(value)).Select(i => ReadElement(api, name, value, i))]),
            ValueKind.Map => new ModelValue.Map(ReadElement(api, name, value, 0).AsTensor(), ReadElement(api, name, value, 1).AsTensor()),
            _ => throw new TensorMismatchException(TensorCheck.Output, name, "a tensor, sequence, map or optional", kind.ToString()),
        };
    }

    /// <summary>The element type and shape of a tensor.</summary>
    public static (TensorElementType ElementType, long[] Shape) ReadShape(OrtApi api, nint tensor)
    {
        using var info = new OrtHandle(api, api.GetTensorInfo(tensor), OrtFunction.ReleaseTensorTypeAndShapeInfo);
        var shape = new long[api.GetRank(info.Value)];
        api.GetDimensions(info.Value, shape);
        return (api.GetElementType(info.Value), shape);
    }

    public static string[] ReadStrings(OrtApi api, nint tensor, long count)
    {
        var offsets = new nuint[count];
        byte[] content = api.GetStrings(tensor, offsets);
        var strings = new string[count];
        for (int i = 0; i < strings.Length; i++)
        {
            int end = i + 1 < strings.Length ? (int)offsets[i + 1] : content.Length;
            strings[i] = Encoding.UTF8.GetString(content, (int)offsets[i], end - (int)offsets[i]);
        }

        return strings;
    }

    private static ModelValue ReadElement(OrtApi api, string name, nint value, int index)
    {
        using var element = new OrtHandle(api, api.GetElement(value, index), OrtFunction.ReleaseValue);
        return Read(api, name, element.Value);
    }

    private static TensorBuffer ReadTensor(OrtApi api, string name, nint value)
    {
        var (elementType, shape) = ReadShape(api, value);
        if (elementType == TensorElementType.String)
        {
            return TensorBuffer.Create(shape, ReadStrings(api, value, TensorShape.Count(shape)));
        }

        long size = elementType.ByteSize(TensorShape.Count(shape));
        if (elementType.BitWidth() == 0 || size > Array.MaxLength)
        {
            throw new TensorMismatchException(TensorCheck.Output, name, $"a known element type and at most {Array.MaxLength} bytes", elementType.Name() + TensorShape.Text(shape));
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)size);
        new ReadOnlySpan<byte>(api.GetData(value), bytes.Length).CopyTo(bytes);
        return TensorBuffer.Create(elementType, shape, bytes);
    }
}
