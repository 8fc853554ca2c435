using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Windows;

/// <summary>
/// pool(pad(x)) in a form in which ONNX Runtime leaves both as they are. When it loads them it gives the padding to the pool: a maximum takes −∞ for zeros then and answers otherwise
/// than the standard says, and any pool is refused whose padding is as wide as the window. It looks for zeros, and not behind a value that is named as missing. What may go into
/// the pool goes there before (<see cref="FoldPadIntoWindow"/>).
/// </summary>
public sealed class PaddedPools : RewritePass
{
    private const int ValueIndex = 2;
    private const string ValueAttribute = "value";

    /// <summary>The smallest normal number, which stands for zero where the value is an attribute, as until opset 10.</summary>
    private const float NextToZero = 1.17549435e-38f;

    /// <inheritdoc/>
    public override string Name => "padded-pools";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("MaxPool") || node.Is("AveragePool");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!MayMatch(node) || PadBefore(node) is not { } pad || node.Attributes.GetInts("kernel_shape") is not { } kernel) return Rewrite.None;
        if (ConstantPadding.Read(pad, 2 + kernel.Length, out _) is not { Value: 0 } padding) return Rewrite.None;
        if (node.Is("AveragePool") && !IsAsWide(padding, kernel, node.Attributes.GetInts("pads") ?? [])) return Rewrite.None;
        // With axes, ONNX Runtime does not look at it.
        if (pad.Inputs.Length > ValueIndex + 1 || (pad.Inputs.Length > ValueIndex && pad.Inputs[ValueIndex] is null)) return Rewrite.None;
        if (pad.Inputs.Length == 1) pad.Attributes.Set(ValueAttribute, NextToZero);
        else pad.SetInput(ValueIndex, null);
        return Rewrite.Applied($"the zeros of '{pad}' before it are no longer named: ONNX Runtime would have it add them itself");
    }

    private static bool IsAsWide(ConstantPadding padding, long[] kernel, long[] own) => Enumerable.Range(0, kernel.Length)
        .Any(i => padding.Begin[i + 2] + own.ElementAtOrDefault(i) >= kernel[i] || padding.End[i + 2] + own.ElementAtOrDefault(i + kernel.Length) >= kernel[i]);

    private static Node? PadBefore(Node pool)
    {
        Value? source = pool.Inputs[0];
        if (source?.Producer is { } cast && cast.Is("Cast")) source = cast.Inputs[0];
        return source?.Producer is { } pad && pad.Is("Pad") ? pad : null;
    }
}
