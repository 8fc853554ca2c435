using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Affine;

/// <summary>
/// y = W·x + b with constant W and b: Conv, ConvTranspose, Gemm, or MatMul with the Add that follows it. Per-channel steps before and after
/// it are folded into W and b.
/// </summary>
internal sealed class LinearLayer
{
    // The Add that is the bias of a MatMul.
    private readonly Node? _biasAdd;

    private LinearLayer(Node product, Tensor weights, WeightLayout layout, double[]? bias, Node? biasAdd)
    {
        Product = product;
        Weights = weights;
        Layout = layout;
        Bias = bias;
        _biasAdd = biasAdd;
    }

    /// <summary>The product.</summary>
    public Node Product { get; }

    /// <summary>W.</summary>
    public Tensor Weights { get; }

    /// <summary>Where in W the channels are.</summary>
    public WeightLayout Layout { get; }

    /// <summary>b, one number per output channel; null where there is none.</summary>
    public double[]? Bias { get; }

    /// <summary>W·x + b.</summary>
    public Value Output => (_biasAdd ?? Product).Outputs[0];

    /// <summary>Whether there is a bias to add to, or a place for one in the node.</summary>
    public bool HasBiasInput => !Product.Is("MatMul") || _biasAdd is not null;

    /// <summary>The channels of <see cref="Output"/>.</summary>
    public ChannelAxis OutputChannels => Channels(Layout.Outputs, Output.Shape?.Rank);

    /// <summary>The channels of x.</summary>
    public ChannelAxis InputChannels => Product.Is("Gemm") && Product.Attributes.GetInt("transA", 0) != 0
        ? new ChannelAxis(0, 2, Layout.Inputs)
        : Channels(Layout.Inputs, Product.Input(0)?.Shape?.Rank);

    /// <summary>Whether a node is one of the products.</summary>
    public static bool IsProduct(Node node) => node.Domain.Length == 0 && node.OpType is "Conv" or "ConvTranspose" or "Gemm" or "MatMul";

    /// <summary>The product that gives <paramref name="value"/>, directly or by the Add of a bias; null where there is none.</summary>
    public static Node? ProductBehind(Value value)
    {
        if (value.Producer is not { } node) return null;
        if (IsProduct(node)) return node;
        return node.Is("Add") && ChannelAffine.DataOf(node)?.Producer is { } product && product.Is("MatMul") ? product : null;
    }

    /// <summary>Reads the layer of a product, whose output may be <paramref name="output"/> (the sum with a bias).</summary>
    /// <param name="product">A node for which <see cref="IsProduct"/> holds.</param>
    /// <param name="output">Its output or the output of the Add after it; null to find the Add.</param>
    /// <param name="reason">Why the layer cannot be changed; null where it is not one (MatMul of two computed values).</param>
    public static LinearLayer? Read(Node product, Value? output, out string? reason)
    {
        reason = null;
        if (Constants.Of(product.Input(1)) is not { } weights)
        {
            if (!product.Is("MatMul")) reason = $"the weights of '{product}' are not constant";
            return null;
        }
        Node? biasAdd = BiasAdd(product, output);
        double[]? bias = null;
        if (!WeightScaling.Supports(weights.ElementType)) reason = $"the weights of '{product}' are {weights.ElementType}";
        else if (WeightLayout.Of(product, weights) is not { } layout) reason = $"the weights of '{product}' have a shape that does not fit it";
        else if (!TryReadBias(product, biasAdd, layout, out bias)) reason = $"the bias of '{product}' is not one constant per channel";
        else return new LinearLayer(product, weights, layout, bias, biasAdd);
        return null;
    }

    /// <summary>Makes it y = a.Scale ⊙ (W·x + b) + a.Shift.</summary>
    /// <returns>Why it was not done; null where it was.</returns>
    public string? AppendToOutput(ChannelAffine affine)
    {
        Tensor? weights = affine.IsUnitScale ? Weights : WeightScaling.ScaleOutputs(Weights, Layout, affine.Scale);
        var bias = (double[])affine.Shift.Clone();
        for (int c = 0; c < bias.Length && Bias is not null; c++) bias[c] += Bias[c] * affine.Scale[c];
        return Write(weights, bias);
    }

    /// <summary>Makes it y = W·(a.Scale ⊙ x + a.Shift) + b. A shift requires that nothing is padded around x.</summary>
    /// <returns>Why it was not done; null where it was.</returns>
    public string? PrependToInput(ChannelAffine affine)
    {
        Tensor? weights = affine.IsUnitScale ? Weights : WeightScaling.ScaleInputs(Weights, Layout, affine.Scale);
        double[] bias = WeightScaling.Response(Weights, Layout, affine.Shift);
        double alpha = Product.Is("Gemm") ? Product.Attributes.GetFloat("alpha", 1) : 1;
        for (int c = 0; c < bias.Length; c++) bias[c] = alpha * bias[c] + (Bias?[c] ?? 0);
        return Write(weights, bias);
    }

    /// <summary>Why a constant added to the input does not add one constant to each output channel; null where it does.</summary>
    public string? InputShiftReason => Product.OpType switch
    {
        "Conv" when (HasAutoPad ? Layout.Inner > 1 : HasPads) => $"'{Product}' pads its input with zeros, which a shift would not reach",
        "ConvTranspose" => $"'{Product}' applies only some of its weights at the edges, where a shift would add less",
        "MatMul" when Layout.Batch > 1 => $"'{Product}' has several matrices of weights, to each of which a shift adds something else",
        _ => null,
    };

    /// <summary>Whether zeros may be padded around x.</summary>
    public bool HasPadding => HasAutoPad || HasPads;

    private bool HasAutoPad => Product.Attributes.GetString("auto_pad", "NOTSET") is "SAME_UPPER" or "SAME_LOWER";

    private bool HasPads => Product.Attributes.GetInts("pads") is { } pads && Array.Exists(pads, p => p != 0);

    private ChannelAxis Channels(int channels, int? rank) => Product.OpType switch
    {
        "Conv" or "ConvTranspose" => new ChannelAxis(1, Weights.Rank, channels),
        "Gemm" => new ChannelAxis(1, 2, channels),
        _ => rank is { } known ? new ChannelAxis(known - 1, known, channels) : ChannelAxis.Last(channels),
    };

    /// <summary>Puts other weights and another bias in the place of W and b.</summary>
    /// <returns>Why it was not done; null where it was.</returns>
    public string? Write(Tensor? weights, double[] bias)
    {
        Tensor? roundedBias = Constants.Rounded(Weights.ElementType, bias, bias.Length);
        if (weights is null || roundedBias is null) return $"the folded weights of '{Product}' would not be finite in {Weights.ElementType}";
        if (!ReferenceEquals(weights, Weights)) ReplaceConstant(Product, 1, weights);
        if (_biasAdd is not null) ReplaceConstant(_biasAdd, Constants.IsConstant(_biasAdd.Input(1)) ? 1 : 0, roundedBias);
        else if (Bias is null && Array.TrueForAll(bias, b => b == 0)) return null;
        else if (Product.Is("MatMul")) AddBias(roundedBias);
        else ReplaceConstant(Product, 2, roundedBias);
        Product.Attributes.Remove("beta");
        return null;
    }

    private void AddBias(Tensor bias)
    {
        Graph graph = Product.Graph;
        Value constant = graph.AddInitializer(Product.Outputs[0].Name + "_bias", bias), product = Product.Outputs[0];
        Node add = graph.AddNode("Add", [null, constant], name: Product.Name.Length > 0 ? Product.Name + "_bias" : "", before: Product.Next);
        add.Output.Type = product.Type;
        graph.ReplaceAllUses(product, add.Output);
        add.SetInput(0, product);
    }

    private static void ReplaceConstant(Node node, int index, Tensor tensor)
    {
        Value? old = node.Input(index);
        string name = old?.Name ?? node.Outputs[0].Name + "_bias";
        node.SetInput(index, node.Graph.AddInitializer(name, tensor));
        if (old is { Initializer: not null, IsUnused: true, IsInput: false }) old.Graph.RemoveInitializer(old);
    }

    private static Node? BiasAdd(Node product, Value? output)
    {
        if (!product.Is("MatMul")) return null;
        Node? add = output is not null ? output.Producer : product.Outputs[0] is { HasSingleUse: true } value ? value.Uses[0].Node : null;
        return add is not null && add.Is("Add") && ReferenceEquals(ChannelAffine.DataOf(add), product.Outputs[0]) ? add : null;
    }

    private static bool TryReadBias(Node product, Node? biasAdd, WeightLayout layout, out double[]? bias)
    {
        bias = null;
        if (product.Is("MatMul")) return biasAdd is null || TryReadSum(product, biasAdd, layout, out bias);
        if (product.Input(2) is not { } value) return true;
        ChannelAxis at = product.Is("Gemm") ? new ChannelAxis(1, 2, layout.Outputs) : new ChannelAxis(0, 1, layout.Outputs);
        bias = Constants.Of(value) is { } constant ? PerChannel.Read(constant, at) : null;
        double beta = product.Is("Gemm") ? product.Attributes.GetFloat("beta", 1) : 1;
        if (bias is not null && beta != 1) bias = Array.ConvertAll(bias, b => b * beta);
        return bias is not null;
    }

    private static bool TryReadSum(Node product, Node biasAdd, WeightLayout layout, out double[]? bias)
    {
        int? rank = product.Outputs[0].Shape?.Rank;
        ChannelAxis at = rank is { } known ? new ChannelAxis(known - 1, known, layout.Outputs) : ChannelAxis.Last(layout.Outputs);
        bias = ChannelAffine.Read(biasAdd, at, out _)?.Shift;
        return bias is not null;
    }
}
