using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;

namespace ModelCompiler.Optimizer.Quantization.Dense;

/// <summary>
/// y = x·W + b with constant W (K × N) and b: a MatMul or Gemm, with the Add behind it that is its bias. What runs on quantized weights without
/// ranges of its activations.
/// </summary>
/// <param name="Product">The MatMul or Gemm.</param>
/// <param name="Last">The node whose output is y: the product, or the Add of the bias.</param>
/// <param name="Parameters">Weights and bias; Gemm's factors are multiplied in.</param>
/// <param name="Bias">One number per column, or null.</param>
internal sealed record DenseProduct(Node Product, Node Last, ProductParameters Parameters, float[]? Bias)
{
    /// <summary>What plans and budgets call the product: its output, which keeps its name.</summary>
    public string Name => Last.Outputs[0].Name;

    public Value Input => Product.Inputs[0]!;

    public Value Weights => Product.Inputs[1]!;

    /// <summary>K: what is summed over.</summary>
    public int Depth => (int)Parameters.Weights.Dims[1 - Parameters.Axis];

    /// <summary>N: the output channels.</summary>
    public int Columns => Parameters.Channels;

    /// <summary>Whether the weights lie as N × K.</summary>
    public bool IsTransposed => Parameters.Axis == 0;

    /// <summary>Rows of x that one run multiplies, or null where that is open.</summary>
    public long? Rows
    {
        get
        {
            if (Input.Shape is not { Rank: > 0 } shape) return null;
            long rows = 1;
            for (int i = 0; i < shape.Rank - 1; i++)
            {
                if (shape[i].ValueOrNull is not { } size) return null;
                rows *= size;
            }
            return rows;
        }
    }

    /// <summary>Every product in the graph and its subgraphs, in order.</summary>
    public static IEnumerable<DenseProduct> AllIn(Graph graph) => graph.AllNodes().Select(node => Of(node, out _)).OfType<DenseProduct>();

    /// <summary>Names of those whose results go into a logarithm, see <see cref="LogarithmicProducts"/>: no fewer bits of their weights keep the ratios.</summary>
    public static IReadOnlySet<string> Logarithmic(Graph graph) => LogarithmicProducts.Of(graph, [.. AllIn(graph).Select(product => product.Name)]);

    /// <summary>Reads the product that begins at a node.</summary>
    /// <param name="node">Any node.</param>
    /// <param name="refusal">Why a MatMul or Gemm is none; null where the node is neither.</param>
    public static DenseProduct? Of(Node node, out string? refusal)
    {
        refusal = null;
        if (!node.Is("MatMul") && !node.Is("Gemm")) return null;
        refusal = ComputeEligibility.Refusal(node);
        if (refusal is null && node.Is("Gemm") && node.Attributes.GetInt("transA", 0) != 0) refusal = "its first factor is transposed";
        if (refusal is null && node.Input(0)?.Initializer is not null) refusal = "both factors are constant";
        if (refusal is not null) return null;
        ProductParameters parameters = ProductParameters.Of(node);
        if (parameters.Bias is null && BiasBehind(node, parameters.Channels) is var (add, bias)) return new DenseProduct(node, add, parameters, bias);
        return new DenseProduct(node, node, parameters, parameters.Bias);
    }

    private static (Node Add, float[] Bias)? BiasBehind(Node node, int columns)
    {
        Value output = node.Outputs[0];
        if (!output.HasSingleUse || output.Uses[0].Node is not { } add || !add.Is("Add") || !ReferenceEquals(add.Graph, node.Graph)) return null;
        if (add.Constant(1 - output.Uses[0].Index) is not { ElementType: ElementType.Float } constant) return null;
        ChannelAxis at = output.Shape is { } shape ? new ChannelAxis(shape.Rank - 1, shape.Rank, columns) : ChannelAxis.Last(columns);
        return PerChannel.Read(constant, at) is { } bias ? (add, Array.ConvertAll(bias, b => (float)b)) : null;
    }
}
