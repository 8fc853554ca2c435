namespace ModelCompiler.Runtime.Native;

/// <summary>Types of values. A "cast" gives a view that its type owns; everything else is the caller's to release.</summary>
internal sealed unsafe partial class OrtApi
{
    private const int HasShapeVersion = 24;

    public ValueKind GetKind(nint type) => (ValueKind)GetInt32(OrtFunction.GetOnnxTypeFromTypeInfo, type);

    public nint CastToTensor(nint type) => Get(OrtFunction.CastTypeInfoToTensorInfo, type);

    public nint CastToSequence(nint type) => Get(OrtFunction.CastTypeInfoToSequenceTypeInfo, type);

    public nint CastToMap(nint type) => Get(OrtFunction.CastTypeInfoToMapTypeInfo, type);

    public nint CastToOptional(nint type) => Get(OrtFunction.CastTypeInfoToOptionalTypeInfo, type);

    public nint GetSequenceElementType(nint sequence) => Get(OrtFunction.GetSequenceElementType, sequence);

    public nint GetOptionalElementType(nint optional) => Get(OrtFunction.GetOptionalContainedTypeInfo, optional);

    public TensorElementType GetMapKeyType(nint map) => (TensorElementType)GetInt32(OrtFunction.GetMapKeyType, map);

    public nint GetMapValueType(nint map) => Get(OrtFunction.GetMapValueType, map);

    public TensorElementType GetElementType(nint tensor) => (TensorElementType)GetInt32(OrtFunction.GetTensorElementType, tensor);

    public int GetRank(nint tensor) => GetCount(OrtFunction.GetDimensionsCount, tensor);

    /// <summary>Whether the rank is known. Libraries before version 24 cannot say, and report rank 0.</summary>
    public bool HasShape(nint tensor) =>
        !Supports(HasShapeVersion) || ((delegate* unmanaged<nint, byte>)this[OrtFunction.TensorTypeAndShapeHasShape])(tensor) != 0;

    /// <summary>Dimensions, -1 where unknown.</summary>
    public void GetDimensions(nint tensor, Span<long> dimensions)
    {
        fixed (long* values = dimensions)
        {
            Check(((delegate* unmanaged<nint, long*, nuint, nint>)this[OrtFunction.GetDimensions])(tensor, values, (nuint)dimensions.Length));
        }
    }

    /// <summary>Names of the symbolic dimensions, null where there is none.</summary>
    public string?[] GetSymbols(nint tensor, int rank)
    {
        var names = stackalloc byte*[rank];
        Check(((delegate* unmanaged<nint, byte**, nuint, nint>)this[OrtFunction.GetSymbolicDimensions])(tensor, names, (nuint)rank));
        var result = new string?[rank];
        for (int i = 0; i < rank; i++)
        {
            string name = Utf8.Read(names[i]);
            result[i] = name.Length == 0 ? null : name;
        }

        return result;
    }
}
