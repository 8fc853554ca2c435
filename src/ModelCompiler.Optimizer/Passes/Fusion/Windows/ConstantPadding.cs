using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Windows;

/// <summary>What a Pad node adds around its input.</summary>
/// <param name="Begin">Elements added before each axis.</param>
/// <param name="End">Elements added after each axis.</param>
/// <param name="Value">What is added.</param>
internal sealed record ConstantPadding(long[] Begin, long[] End, double Value)
{
    /// <summary>Reads a Pad node, whose arguments were attributes until opset 10; null with the reason where they are not constant.</summary>
    public static ConstantPadding? Read(Node pad, int rank, out string? reason)
    {
        reason = null;
        string mode = pad.Attributes.GetString("mode", "constant");
        if (mode != "constant") reason = $"'{pad}' pads by mode '{mode}', not with a constant";
        else if ((pad.Attributes.GetInts("pads") ?? Constants.Integers(pad.Input(1))) is not { } pads) reason = $"the widths of '{pad}' are not constant";
        else if (ValueOf(pad) is not { } value) reason = $"the value of '{pad}' is not constant";
        else if (Place(pads, pad, rank) is not var (begin, end)) reason = $"the axes of '{pad}' do not fit its input";
        else return new ConstantPadding(begin, end, value);
        return null;
    }

    private static double? ValueOf(Node pad)
    {
        if (pad.Attributes.TryGet("value", out NodeAttribute? attribute)) return attribute.Float;
        return pad.Input(2) is { } input ? Constants.Number(input) : 0;
    }

    private static (long[] Begin, long[] End)? Place(long[] pads, Node pad, int rank)
    {
        long[]? axes = pad.Input(3) is { } input ? Constants.Integers(input) : [.. Enumerable.Range(0, rank)];
        if (axes is null || pads.Length != 2 * axes.Length) return null;
        (long[] begin, long[] end) = (new long[rank], new long[rank]);
        for (int i = 0; i < axes.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + rank : axes[i];
            if (axis < 0 || axis >= rank) return null;
            begin[axis] = pads[i];
            end[axis] = pads[i + axes.Length];
        }
        return (begin, end);
    }
}
