using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Whether a Conv, Gemm or MatMul can be an integer product: constant float weights of a known layout, and a bias that fits int32.</summary>
internal static class ComputeEligibility
{
    /// <summary>Why the node stays in floating point; null when it need not.</summary>
    public static string? Refusal(Node node)
    {
        if (node.Outputs[0].ElementType is not (ElementType.Float or ElementType.Undefined)) return "not in float32";
        if (node.Constant(1) is not { } weights) return "its weights are not constant";
        if (weights.ElementType != ElementType.Float) return $"its weights are {weights.ElementType}";
        if (weights.ElementCount == 0) return "its weights are empty";
        if (!AreFinite(weights.AsSpan<float>())) return "its weights hold NaN or infinity";
        return node.OpType switch
        {
            "Conv" => weights.Rank < 3 ? "its weights have no kernel" : BiasRefusal(node, weights.Dims[0]),
            "Gemm" => GemmRefusal(node, weights),
            _ => weights.Rank == 2 ? null : $"its weights have rank {weights.Rank}, integer kernels are for rank 2",
        };
    }

    private static string? GemmRefusal(Node node, Tensor weights)
    {
        bool isTransposed = node.Attributes.GetInt("transB", 0) != 0;
        return BiasRefusal(node, weights.Dims[isTransposed ? 0 : 1]);
    }

    private static string? BiasRefusal(Node node, long channels)
    {
        if (node.Input(2) is null) return null;
        if (node.Constant(2) is not { ElementType: ElementType.Float } bias) return "its bias is not a constant of float32";
        bool isPerChannel = bias.ElementCount == channels && (bias.Rank == 0 || bias.Dims[^1] == channels);
        if (!isPerChannel && bias.ElementCount != 1) return "its bias is not one number per channel";
        return AreFinite(bias.AsSpan<float>()) ? null : "its bias holds NaN or infinity";
    }

    /// <summary>Zero times a number is zero where it is finite, and so is the sum of that.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AreFinite(ReadOnlySpan<float> numbers)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(numbers);
        Vector<float> sums = Vector<float>.Zero;
        foreach (Vector<float> vector in vectors) sums += vector * 0;
        float sum = Vector.Sum(sums);
        foreach (float number in numbers[(vectors.Length * Vector<float>.Count)..]) sum += number * 0;
        return sum == 0;
    }
}
