using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>Whether +0 and −0 are the same to everything that reads a value.</summary>
internal static class SignOfZero
{
    // How many hand-overs are followed before the answer is no.
    private const int MaxDepth = 4;

    // A sum of products starts at +0, an exponential is 1 at both zeros, and a comparison takes them as equal.
    private static readonly FrozenSet<string> Blind = FrozenSet.ToFrozenSet(
    [
        "MatMul", "Conv", "Gemm", "ConvTranspose", "Exp", "Sigmoid", "Softmax", "LogSoftmax", "Cos", "Cosh", "Abs",
        "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "ArgMax", "ArgMin",
    ]);

    private static readonly FrozenSet<string> HandsOver = FrozenSet.ToFrozenSet(["Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "Concat", "Identity"]);

    public static bool IsUnseen(Value value) => IsUnseen(value, MaxDepth);

    private static bool IsUnseen(Value value, int depth)
    {
        if (value.IsOutput || depth == 0 || value.Uses.Count > 8) return false;
        foreach (Use use in value.Uses)
        {
            if (use.Node.Domain.Length > 0) return false;
            // The third input is added, and stays a zero where the products are zeros.
            if (Blind.Contains(use.Node.OpType) && use.Index < 2) continue;
            if (!HandsOver.Contains(use.Node.OpType) || !IsUnseen(use.Node.Outputs[0], depth - 1)) return false;
        }
        return true;
    }
}
