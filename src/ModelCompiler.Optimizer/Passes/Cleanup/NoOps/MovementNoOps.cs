using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>When operators that move, select or repeat elements leave everything where it is.</summary>
internal static class MovementNoOps
{
    public static NoOp Reshape(Node node) => NoOp.IfShapeStays(node, "the shape stays as it is");

    /// <summary>The same order of elements if the dimensions that are not 1 keep their order.</summary>
    public static NoOp Transpose(Node node)
    {
        if (Permutation.Of(node) is not { } perm) return NoOp.No;
        if (Permutation.IsIdentity(perm)) return NoOp.PassesOn(0, "the permutation is the identity");
        if (node.Input(0)?.Shape is not { } x || x.Rank != perm.Length) return NoOp.No;
        long[] moved = Array.FindAll(perm, axis => x[(int)axis].ValueOrNull != 1);
        return moved.SequenceEqual(moved.Order()) ? NoOp.IfShapeStays(node, "only dimensions of 1 are moved") : NoOp.No;
    }

    public static NoOp Slice(Node node)
    {
        bool isForward = node.Input(4) is null || (Constants.Integers(node.Input(4)) is { } steps && Array.TrueForAll(steps, step => step == 1));
        return isForward ? NoOp.IfShapeStays(node, "it takes everything") : NoOp.No;
    }

    public static NoOp Pad(Node node)
    {
        long[]? pads = node.Attributes.GetInts("pads") ?? Constants.Integers(node.Input(1));
        return pads is not null && Array.TrueForAll(pads, pad => pad == 0) ? NoOp.PassesOn(0, "all pads are 0") : NoOp.No;
    }

    public static NoOp Split(Node node) => node.Outputs.Length == 1 ? NoOp.IfShapeStays(node, "there is one part") : NoOp.No;

    public static NoOp SingleInput(Node node) => node.Inputs.Length == 1 ? NoOp.PassesOn(0, "there is one input") : NoOp.No;

    public static NoOp Block(Node node) => node.Attributes.GetInt("blocksize", 0) == 1 ? NoOp.PassesOn(0, "the block size is 1") : NoOp.No;

    /// <summary>ONNX Runtime copies where every scale is 1, whatever the mode; cropping does not scale only.</summary>
    public static NoOp Resize(Node node)
    {
        if (node.Attributes.GetString("coordinate_transformation_mode", "") == "tf_crop_and_resize") return NoOp.No;
        Tensor? scales = node.Is("Upsample") || node.Inputs.Length == 2 ? node.Constant(1) : node.Constant(2);
        if (scales is { ElementCount: > 0 }) return scales.Uniform() is 1 ? NoOp.PassesOn(0, "the scale is 1") : NoOp.No;
        if (node.Attributes.GetFloats("scales") is { } old) return Array.TrueForAll(old, s => s == 1) ? NoOp.PassesOn(0, "the scale is 1") : NoOp.No;
        return node.Input(3) is not null ? NoOp.IfShapeStays(node, "the size stays as it is") : NoOp.No;
    }

    /// <summary>A reduction over no axes.</summary>
    public static NoOp Reduce(Node node)
    {
        if (node.Attributes.GetInt("noop_with_empty_axes", 0) == 0) return NoOp.No;
        return node.Input(1) is null || node.Constant(1) is { ElementCount: 0 } ? NoOp.PassesOn(0, "it reduces over no axes") : NoOp.No;
    }

    public static NoOp Cast(Node node)
    {
        if (node.Input(0) is not { ElementType: not ElementType.Undefined } x) return NoOp.No;
        return node.Attributes.GetInt("to", 0) == (long)x.ElementType ? NoOp.PassesOn(0, "the type stays as it is") : NoOp.No;
    }

    public static NoOp CastLike(Node node)
    {
        if (node.Input(0) is not { ElementType: not ElementType.Undefined } x || node.Input(1) is not { } like) return NoOp.No;
        return like.ElementType == x.ElementType ? NoOp.PassesOn(0, "the type stays as it is") : NoOp.No;
    }
}
