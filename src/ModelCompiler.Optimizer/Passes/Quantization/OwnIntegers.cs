using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Folding;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// Each node gets weights and a zero point of its own, and each reader a DequantizeLinear, where sessions ask for exact sums (<see cref="ExactIntegers"/>): ONNX Runtime then
/// makes an unsigned copy of both for every such node, by a name that it derives from theirs, and a session on two that share one does not open ("Attempt to replace the
/// existing tensor"). It gives each reader a DequantizeLinear of its own before that, but not its constants. Where no zero point is written, its copy has one number for
/// all channels, which a scale for each of them does not take: that one is written down.
/// </summary>
public sealed class OwnIntegers : IPass
{
    private const int ZeroPoint = 2;

    /// <inheritdoc/>
    public string Name => "own-integers";

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        if (!ExactIntegers.MayBeNeeded(context.Model)) return;
        // What ONNX Runtime computes when it loads the model is shared as well.
        new ShapeFolding().Apply(context);
        new ConstantFolding(keepsSize: true).Apply(context);
        var taken = new HashSet<Value>();
        foreach (Node node in context.Graph.AllNodes().Where(ExactIntegers.IsDequantizedConstant).ToList())
        {
            WriteZeroPoint(node, context);
            foreach (Use use in node.Output.Uses.Skip(1).ToList()) use.Node.SetInput(use.Index, Copy(node, use.Node));
        }
        foreach (Node node in context.Graph.AllNodes().ToList())
        {
            foreach (int input in ExactIntegers.IntegersOf(node))
            {
                Value value = node.Input(input)!;
                if (taken.Add(value)) continue;
                node.SetInput(input, node.Graph.AddInitializer(value.Name, value.Initializer!));
                context.Changed(node.ToString(), $"has a copy of '{value.Name}' of its own");
            }
        }
    }

    private static void WriteZeroPoint(Node dequantize, PassContext context)
    {
        if (!ExactIntegers.LacksZeroPoints(dequantize)) return;
        Tensor scales = dequantize.Constant(ZeroPoint - 1)!;
        dequantize.SetInput(ZeroPoint, dequantize.Graph.AddInitializer(dequantize.Output.Name + "_zero_point", new Tensor(ElementType.Int8, scales.Dims, new byte[scales.ElementCount])));
        context.Changed(dequantize.ToString(), "its zero points are written down");
    }

    private static Value Copy(Node dequantize, Node before)
    {
        Node copy = before.Graph.AddNode("DequantizeLinear", dequantize.Inputs.ToArray(), before: before);
        foreach (NodeAttribute attribute in dequantize.Attributes) copy.Attributes.Set(attribute);
        return copy.Output;
    }
}
