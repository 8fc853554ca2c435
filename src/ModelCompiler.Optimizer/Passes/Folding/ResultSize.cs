using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>How many bytes a value takes, from its type alone.</summary>
internal static class ResultSize
{
    /// <summary>More than any machine holds; sums of a few do not overflow.</summary>
    public const long Unbounded = 1L << 56;

    // The size of their result depends on the data, and is bounded by that of the data.
    private static readonly FrozenSet<string> Selecting = FrozenSet.ToFrozenSet(["NonZero", "Unique", "Compress"]);

    /// <summary>The bytes, or null where the type does not tell.</summary>
    public static long? Of(Value value)
    {
        if (value.Initializer is { } tensor) return Of(tensor.ElementType, tensor.ElementCount);
        if (!ConstantEvaluator.IsRunnable(value.ElementType)) return null;
        if (value.Shape is { IsStatic: true } shape) return Of(value.ElementType, Count(shape));
        if (value.Producer is not { } producer || !Selecting.Contains(producer.OpType)) return null;
        return producer.Input(0)?.Shape is { IsStatic: true } source ? Of(ElementType.Int64, Count(source) * Math.Max(1, source.Rank)) : null;
    }

    // A string takes more than this; how much more decides nothing.
    private static long Of(ElementType type, long count) => count >= Unbounded >> 4 ? Unbounded : type == ElementType.String ? count * 16 : type.ByteSize(count);

    private static long Count(Shape shape)
    {
        UInt128 count = 1;
        foreach (Dim dim in shape)
        {
            if (dim.Value == 0) return 0;
            if (count < Unbounded) count *= (UInt128)dim.Value;
        }
        return count < Unbounded >> 8 ? (long)count : Unbounded >> 4;
    }
}
