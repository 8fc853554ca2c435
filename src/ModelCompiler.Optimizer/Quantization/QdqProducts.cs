using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>
/// The products of a graph in QDQ form, counted as it stands: for providers that fuse it themselves, where ONNX Runtime's CPU provider would make
/// something else of it.
/// </summary>
internal static class QdqProducts
{
    /// <summary>Products between DequantizeLinear nodes, and all others; subgraphs included.</summary>
    public static (int Integer, int Float) Count(Graph graph)
    {
        Node[] products = [.. graph.AllNodes().Where(node => node.Is("Conv") || node.Is("ConvTranspose") || node.Is("Gemm") || node.Is("MatMul"))];
        int integer = products.Count(node => IsDequantized(node.Inputs[0]) && IsDequantized(node.Inputs[1]));
        return (integer, products.Length - integer);
    }

    private static bool IsDequantized(Value? value) => value?.Producer?.Is("DequantizeLinear") == true;
}
