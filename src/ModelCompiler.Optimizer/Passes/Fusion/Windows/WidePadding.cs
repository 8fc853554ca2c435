using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Windows;

/// <summary>
/// conv(x) with pads = conv(pad(x)) without, where windows of one dimension reach far over the edges: ONNX Runtime's CPU provider lays out windows at an edge one number at
/// a time. The Pad names its value as missing, which keeps ONNX Runtime from merging the two again. A causal state-space kernel of 64 over 64 positions takes 0.73 of its time so.
/// <see cref="FoldPadIntoWindow"/> leaves such a Pad where it is.
/// </summary>
public sealed class WidePadding : RewritePass
{
    /// <summary>Operator set whose Pad takes its widths as an input.</summary>
    private const long WidthsAsInput = 11;

    /// <inheritdoc/>
    public override string Name => "wide-padding";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Conv") || node.Is("Pad");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!context.Target.ExpandedOperators.Contains("Pad") || context.Model.Opset < WidthsAsInput) return Rewrite.None;
        return node.Is("Pad") ? Part(node) : Split(node, context.Graph);
    }

    /// <summary>Whether zeros beside a convolution's input, with those that it pads itself, are better apart from it.</summary>
    public static bool IsWide(Node convolution, Shape? input, long begin, long end) =>
        convolution.Attributes.GetString("auto_pad", "NOTSET") is "NOTSET" or "VALID" && WindowZeros.AreMany(convolution, input, begin + OwnPads(convolution)[0], end + OwnPads(convolution)[1]);

    private static long[] OwnPads(Node convolution) => convolution.Attributes.GetInts("pads") is [var begin, var end] ? [begin, end] : [0, 0];

    private static Rewrite Split(Node node, Graph graph)
    {
        if (node.Attributes.GetString("auto_pad", "NOTSET") != "NOTSET" || node.Input(0) is not { ElementType: ElementType.Float } x || OwnPads(node) is not [var begin, var end]) return Rewrite.None;
        if (x.Producer is { OpType: "DequantizeLinear" } || !WindowZeros.AreMany(node, x.Shape, begin, end)) return Rewrite.None;
        Value widths = graph.AddInitializer(node.Name + "_pads", Tensor.Vector<long>([0, 0, begin, 0, 0, end]));
        Node pad = node.Graph.AddNode("Pad", [x, widths, null], before: node);
        node.SetInput(0, pad.Output);
        node.Attributes.Remove("pads");
        return Rewrite.Applied("has its padding in front: its windows are laid out faster so");
    }

    /// <summary>Keeps a Pad apart that ONNX Runtime would merge.</summary>
    private static Rewrite Part(Node pad)
    {
        if (pad.Inputs.Length is < 2 or > 3 || pad.Inputs is [_, _, null] || pad.Output is not { HasSingleUse: true } padded || !padded.Uses[0].Node.Is("Conv")) return Rewrite.None;
        if (ConstantPadding.Read(pad, 3, out _) is not { Value: 0, Begin: [0, 0, >= 0 and var begin], End: [0, 0, >= 0 and var end] }) return Rewrite.None;
        if (!IsWide(padded.Uses[0].Node, pad.Inputs[0]!.Shape, begin, end)) return Rewrite.None;
        pad.ReplaceBy("Pad", [pad.Inputs[0], pad.Inputs[1], null]);
        return Rewrite.Applied("stays in front of its convolution, whose windows are laid out faster so");
    }
}
