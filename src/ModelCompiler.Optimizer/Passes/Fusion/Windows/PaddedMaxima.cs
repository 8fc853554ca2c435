using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Windows;

/// <summary>
/// maxpool(pad(x)) in a form in which ONNX Runtime leaves both as they are: when it loads them it takes zeros for the −∞ that MaxPool pads with, and answers otherwise than the
/// standard says, or not at all where the padding is as wide as the window. It looks for zeros, and not behind a value that is named as missing. What may go into the pool goes
/// there before (<see cref="FoldPadIntoWindow"/>).
/// </summary>
public sealed class PaddedMaxima : RewritePass
{
    private const int ValueIndex = 2;
    private const string ValueAttribute = "value";

    /// <summary>The smallest normal number, which stands for zero where the value is an attribute, as until opset 10.</summary>
    private const float NextToZero = 1.17549435e-38f;

    /// <inheritdoc/>
    public override string Name => "padded-maxima";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("MaxPool");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!MayMatch(node) || PadBefore(node) is not { } pad || node.Attributes.GetInts("kernel_shape") is not { } kernel) return Rewrite.None;
        if (ConstantPadding.Read(pad, 2 + kernel.Length, out _) is not { Value: 0 }) return Rewrite.None;
        // With axes, ONNX Runtime does not look at it.
        if (pad.Inputs.Length > ValueIndex + 1 || (pad.Inputs.Length > ValueIndex && pad.Inputs[ValueIndex] is null)) return Rewrite.None;
        if (pad.Inputs.Length == 1) pad.Attributes.Set(ValueAttribute, NextToZero);
        else pad.SetInput(ValueIndex, null);
        return Rewrite.Applied($"the zeros of '{pad}' before it are no longer named: ONNX Runtime would put −∞ in their place");
    }

    private static Node? PadBefore(Node pool)
    {
        Value? source = pool.Inputs[0];
        if (source?.Producer is { } cast && cast.Is("Cast")) source = cast.Inputs[0];
        return source?.Producer is { } pad && pad.Is("Pad") ? pad : null;
    }
}
