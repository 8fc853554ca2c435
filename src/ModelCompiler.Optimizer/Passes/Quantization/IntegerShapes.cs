using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>shape(dequantize(q)) = shape(q): what is asked for its size only is not turned into floats.</summary>
public sealed class IntegerShapes : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "integer-shapes";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Shape");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Inputs[0]?.Producer is not { } dequantize || !dequantize.Is("DequantizeLinear")) return Rewrite.None;
        node.SetInput(0, dequantize.Inputs[0]);
        return Rewrite.Applied("asks the integers");
    }
}
