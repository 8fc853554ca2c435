using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes;

/// <summary>The operators whose answer is another one at each run: never folded, and two are never one.</summary>
internal static class RandomOperators
{
    private static readonly FrozenSet<string> Always = FrozenSet.ToFrozenSet(
        ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"]);

    public static bool Contains(Node node) => node.Domain.Length == 0 && (Always.Contains(node.OpType) || IsTrainingDropout(node));

    private static bool IsTrainingDropout(Node node) => node.OpType == "Dropout" && node.Input(2) is not null;
}
