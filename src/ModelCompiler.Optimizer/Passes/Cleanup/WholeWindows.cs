using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// ⌈(n − k)/s⌉ = ⌊(n − k)/s⌋ where s divides n − k: a pool that rounds its size up needs not say so if its windows fit. What rounds up has no integer kernel, and takes over no
/// padding. Requires sizes that are known.
/// </summary>
public sealed class WholeWindows : RewritePass
{
    private const string RoundsUp = "ceil_mode";

    /// <inheritdoc/>
    public override string Name => "whole-windows";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node is { Domain: "", OpType: "AveragePool" or "MaxPool" or "LpPool" } && node.Attributes.GetInt(RoundsUp, 0) != 0;

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (!MayMatch(node)) return Rewrite.None;
        if (node.Inputs[0]?.Shape is not { Rank: > 2 } shape || node.Attributes.GetInts("kernel_shape") is not { } window || window.Length != shape.Rank - 2) return Rewrite.Refused("its sizes are not known");
        if (node.Attributes.GetString("auto_pad", "NOTSET") != "NOTSET") return Rewrite.Refused("it pads by itself");
        long[] strides = node.Attributes.GetInts("strides") ?? [], dilations = node.Attributes.GetInts("dilations") ?? [], pads = node.Attributes.GetInts("pads") ?? [];
        for (int i = 0; i < window.Length; i++)
        {
            if (shape[i + 2].ValueOrNull is not { } size) return Rewrite.Refused("its sizes are not known");
            long padding = pads.Length == 0 ? 0 : pads[i] + pads[i + window.Length], reach = (At(dilations, i) * (window[i] - 1)) + 1;
            if ((size + padding - reach) % At(strides, i) != 0) return Rewrite.Refused("a window goes beyond the end");
        }
        node.Attributes.Remove(RoundsUp);
        return Rewrite.Applied("its windows fit: nothing is rounded");

        static long At(long[] values, int index) => values.Length == 0 ? 1 : values[index];
    }
}
