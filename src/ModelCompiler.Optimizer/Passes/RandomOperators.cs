using System.Collections.Frozen;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>The operators whose answer is another one at each run: never folded, and two are never one.</summary>
internal static class RandomOperators
{
    private static readonly FrozenSet<string> Always = FrozenSet.ToFrozenSet(
        ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"]);

    public static bool Contains(Node node) => node.Domain.Length == 0 && (Always.Contains(node.OpType) || (node.OpType == "Dropout" && MayDrop(node)));

    /// <summary>Whether a Dropout of operator set 12 or later may leave something out: its training mode is not constantly off, nor its ratio 0, as exports of training hold.</summary>
    public static bool MayDrop(Node dropout) => dropout.Input(2) is { } mode && !IsOff(mode) && Constants.Number(dropout.Input(1)) is not 0;

    /// <summary>Whether a Dropout is constantly in training mode, and leaves something out.</summary>
    public static bool Drops(Node dropout) => MayDrop(dropout) && Constants.IsConstant(dropout.Input(2));

    private static bool IsOff(Value mode) => Constants.Of(mode) is { ElementCount: 1 } constant && constant.Bytes[0] == 0;
}
