using System.Runtime.InteropServices;
using System.Text;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>Constants of a graph as tensors of a run, and back.</summary>
internal static class TensorExchange
{
    /// <summary>The constant as an input; numbers are not copied, and a run does not write to them.</summary>
    public static TensorBuffer ToBuffer(Tensor tensor) => tensor.ElementType == ElementType.String
        ? TensorBuffer.Create(tensor.Dims, Array.ConvertAll(tensor.StringData.ToArray(), text => Encoding.UTF8.GetString(text.Span)))
        : TensorBuffer.Create((TensorElementType)tensor.ElementType, tensor.Dims, MemoryMarshal.AsMemory(tensor.Data.Memory));

    /// <summary>A result as a constant, which shares its memory.</summary>
    public static Tensor ToTensor(TensorBuffer buffer) => buffer.ElementType == TensorElementType.String
        ? Tensor.Strings(Array.ConvertAll(buffer.Strings, text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text)), buffer.Shape)
        : new Tensor((ElementType)buffer.ElementType, buffer.Shape, buffer.Memory);
}
