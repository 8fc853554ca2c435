using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Layout;

/// <summary>Transposition of constants.</summary>
internal static class TransposedTensor
{
    /// <summary>Output axis i is input axis permutation[i]. For types of whole bytes.</summary>
    public static Tensor Of(Tensor tensor, long[] permutation)
    {
        int rank = tensor.Rank, size = tensor.ElementType.BitWidth() / 8;
        var strides = new long[rank];
        long stride = 1;
        for (int axis = rank - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= tensor.Dims[axis];
        }
        long[] dims = new long[rank], steps = new long[rank], index = new long[rank];
        for (int i = 0; i < rank; i++) (dims[i], steps[i]) = (tensor.Dims[(int)permutation[i]], strides[permutation[i]]);

        ReadOnlySpan<byte> source = tensor.Bytes;
        var bytes = new byte[source.Length];
        long from = 0;
        for (int to = 0; to < bytes.Length; to += size)
        {
            source.Slice((int)from * size, size).CopyTo(bytes.AsSpan(to));
            for (int axis = rank - 1; axis >= 0; axis--)
            {
                from += steps[axis];
                if (++index[axis] < dims[axis]) break;
                from -= steps[axis] * dims[axis];
                index[axis] = 0;
            }
        }
        return new Tensor(tensor.ElementType, dims, bytes);
    }
}
