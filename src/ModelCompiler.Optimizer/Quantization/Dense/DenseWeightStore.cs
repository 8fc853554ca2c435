using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization.Dense;

/// <summary>The quantized weights of a model's products, each made once: products that share weights go on sharing them, across subgraphs too.</summary>
/// <param name="make">Quantizes the weights of a product and adds what the kernel reads to the graph that holds them, in the order of its inputs.</param>
internal sealed class DenseWeightStore(Func<Graph, DenseProduct, Value[]> make)
{
    private readonly Dictionary<(Value Weights, bool IsTransposed, float Factor), Value[]> _made = [];

    /// <summary>The constants for a product.</summary>
    public Value[] Of(DenseProduct product)
    {
        float factor = product.Product.Is("Gemm") ? product.Product.Attributes.GetFloat("alpha", 1) : 1;
        var key = (product.Weights, product.IsTransposed, factor);
        if (!_made.TryGetValue(key, out Value[]? values)) _made.Add(key, values = make(product.Weights.Graph, product));
        return values;
    }
}
