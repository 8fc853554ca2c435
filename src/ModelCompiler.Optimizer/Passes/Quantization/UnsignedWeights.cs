using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// s·(w − z) = s·((w + 128) − (z + 128)): weights of products that came quantized become unsigned where sums of signed ones could saturate without VNNI.
/// ONNX Runtime does so itself where a session asks for exact integers, but in matrix products only up to operator set 20: its QLinearMatMul of set 21
/// is not in the list. Unsigned weights cost convolutions their fast kernel, on every processor, and are left to the session.
/// </summary>
public sealed class UnsignedWeights : IPass
{
    private const long NotInTheList = 21;
    private const byte Middle = 128;

    /// <inheritdoc/>
    public string Name => "unsigned-weights";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        if (context.Model.Opset < NotInTheList || !context.Target.UnsignedActivations) return;
        foreach (Node node in context.Graph.AllNodes())
        {
            if (node.Is("QLinearMatMul")) Change(node, node, weights: 3, zeroPoint: 5, context);
            else if (node.Is("MatMul") && node.Input(1)?.Producer is { } dequantize && dequantize.Is("DequantizeLinear")) Change(node, dequantize, weights: 0, zeroPoint: 2, context);
        }
    }

    private static void Change(Node product, Node holder, int weights, int zeroPoint, PassContext context)
    {
        if (holder.Constant(weights) is not { ElementType: ElementType.Int8, Rank: >= 2 } integers || !PairSaturation.CanSaturate(product, integers)) return;
        Tensor? zero = holder.Input(zeroPoint) is null ? Zeros(holder.Constant(zeroPoint - 1)) : holder.Constant(zeroPoint);
        if (zero is not { ElementType: ElementType.Int8 }) return;
        foreach ((int input, Tensor tensor) in ((int, Tensor)[])[(weights, integers), (zeroPoint, zero)])
            holder.SetInput(input, holder.Graph.AddInitializer(product.Outputs[0].Name + "_unsigned", Unsigned(tensor)));
        context.Changed(product.ToString(), "its weights become unsigned, so that sums do not saturate");
    }

    private static Tensor? Zeros(Tensor? scales) => scales is null ? null : new Tensor(ElementType.Int8, scales.Dims, new byte[scales.ElementCount]);

    private static Tensor Unsigned(Tensor signed) => new(ElementType.UInt8, signed.Dims, Array.ConvertAll(signed.Bytes.ToArray(), integer => (byte)(integer + Middle)));
}
