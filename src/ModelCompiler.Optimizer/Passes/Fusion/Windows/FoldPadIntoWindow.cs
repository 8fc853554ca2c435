using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Windows;

/// <summary>
/// window(pad(x)) = window(x) with wider pads. Conv and AveragePool (which then counts the padding) see zeros around their input, MaxPool −∞:
/// the Pad before must add the same, or to MaxPool zeros around an input that is never negative.
/// </summary>
/// <param name="leavesWide">Whether a Pad stays that is faster in front of its convolution, see <see cref="WidePadding"/>.</param>
public sealed class FoldPadIntoWindow(bool leavesWide = false) : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "fold-pad-into-window";

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node is not { Domain: "", OpType: "Conv" or "MaxPool" or "AveragePool" } || node.Input(0)?.Producer is not { } pad || !pad.Is("Pad")) return Rewrite.None;
        if (Rank(node) is not { } rank) return Rewrite.None;
        if (ConstantPadding.Read(pad, rank, out string? reason) is not { } padding) return Rewrite.Refused(reason!);
        if (ShapeReason(node, pad, padding) is { } shape) return Rewrite.Refused(shape);
        if (ValueReason(node, pad, padding) is { } value) return Rewrite.Refused(value);
        if (WindowReason(node, padding) is { } window) return Rewrite.Refused(window);
        bool isWide = leavesWide && rank == 3 && node.Is("Conv") && context.Target.ExpandedOperators.Contains("Pad") && WidePadding.IsWide(node, pad.Input(0)?.Shape, padding.Begin[2], padding.End[2]);
        if (isWide) return Rewrite.Refused($"windows are laid out faster behind '{pad}'");
        Widen(node, padding);
        node.SetInput(0, pad.Input(0));
        if (pad.Outputs[0].IsUnused) pad.Graph.Remove(pad);
        return Rewrite.Applied($"took over the padding of '{pad}'");
    }

    private static int? Rank(Node node) => node.Is("Conv")
        ? Constants.Of(node.Input(1))?.Rank ?? node.Input(1)?.Shape?.Rank
        : 2 + node.Attributes.GetInts("kernel_shape")?.Length;

    private static string? ShapeReason(Node node, Node pad, ConstantPadding padding)
    {
        if (padding.Begin.Concat(padding.End).Any(p => p < 0)) return $"'{pad}' crops";
        if (padding.Begin[..2].Concat(padding.End[..2]).Any(p => p != 0)) return $"'{pad}' pads the batch or the channels";
        return node.Attributes.GetString("auto_pad", "NOTSET") is "SAME_UPPER" or "SAME_LOWER" ? $"'{node}' pads by itself to keep the size" : null;
    }

    private static string? ValueReason(Node node, Node pad, ConstantPadding padding)
    {
        if (node.Is("MaxPool"))
        {
            bool isIgnored = double.IsNegativeInfinity(padding.Value) || (padding.Value == 0 && ValueBounds.IsNonNegative(pad.Input(0)!));
            return isIgnored ? null : $"'{pad}' adds {padding.Value}, which may be the maximum";
        }
        return padding.Value == 0 ? null : $"'{pad}' adds {padding.Value}, not zero";
    }

    private static string? WindowReason(Node node, ConstantPadding padding)
    {
        if (node.Is("Conv")) return null;
        if (node.Attributes.GetInt("ceil_mode", 0) != 0) return $"'{node}' rounds its size up, which depends on what is padding";
        // Indices count the elements of the padded input.
        if (node.Outputs.Length > 1 && !node.Outputs[1].IsUnused) return $"'{node}' also gives indices";
        long[] own = node.Attributes.GetInts("pads") ?? [], kernel = node.Attributes.GetInts("kernel_shape")!;
        bool isMixed = node.Is("AveragePool") && Array.Exists(own, p => p != 0) && node.Attributes.GetInt("count_include_pad", 0) == 0;
        if (isMixed) return $"'{node}' pads too, and does not count its own padding";
        for (int i = 0; i < kernel.Length; i++)
        {
            long begin = padding.Begin[i + 2] + own.ElementAtOrDefault(i), end = padding.End[i + 2] + own.ElementAtOrDefault(i + kernel.Length);
            if (Math.Max(begin, end) >= kernel[i]) return $"the padding is as wide as the kernel of '{node}'";
        }
        return null;
    }

    private static void Widen(Node node, ConstantPadding padding)
    {
        long[] pads = [.. padding.Begin[2..], .. padding.End[2..]];
        if (node.Attributes.GetInts("pads") is { } own)
            for (int i = 0; i < pads.Length; i++) pads[i] += own[i];
        node.Attributes.Remove("auto_pad");
        node.Attributes.Set("pads", pads);
        if (node.Is("AveragePool")) node.Attributes.Set("count_include_pad", 1);
    }
}
