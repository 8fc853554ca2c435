using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>
/// Shape arithmetic (Shape → Gather → Concat → …) whose outcome inference knows becomes a constant, though the tensors whose shapes it takes are
/// not constant. A Reshape to a computed shape gets a constant one where 0 (as the input) and −1 (what is left) can say it.
/// </summary>
public sealed class ShapeFolding : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "shape-folding";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => !node.Is("Identity") && !node.Is("Constant");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        foreach (Value output in node.Outputs)
            if (!output.IsUnused && Known(output) is { } tensor) return Replace(output, tensor);
        return node.Is("Reshape") ? FixTarget(node) : Rewrite.None;
    }

    /// <summary>The tensor of a value that inference knows in full, or null.</summary>
    private static Tensor? Known(Value value)
    {
        if (value.ElementType is not (ElementType.Int64 or ElementType.Int32 or ElementType.Bool) || value.Shape is not { IsStatic: true } shape) return null;
        if (value.KnownElements() is not { } elements || elements.Count != shape.ElementCount) return null;
        long[] numbers = new long[elements.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            // What overflows 32 bits at run time, inference does not follow.
            if (elements[i].ValueOrNull is not { } number || (value.ElementType == ElementType.Int32 && number != (int)number)) return null;
            numbers[i] = number;
        }
        return value.ElementType switch
        {
            ElementType.Int64 => Tensor.Create<long>(numbers, shape.ToArray()),
            ElementType.Int32 => Tensor.Create<int>(Array.ConvertAll(numbers, n => (int)n), shape.ToArray()),
            _ => Tensor.Create<bool>(Array.ConvertAll(numbers, n => n != 0), shape.ToArray()),
        };
    }

    private static Rewrite Replace(Value output, Tensor tensor)
    {
        Node node = output.Producer!;
        Value constant = node.Graph.AddInitializer(output.Name, tensor);
        node.Graph.ReplaceAllUses(output, constant);
        DeadCode.RemoveUpwards(node);
        return Rewrite.Applied($"is always the constant '{constant}' of {tensor}");
    }

    private static Rewrite FixTarget(Node node)
    {
        if (node.Input(0)?.Shape is not { } from || node.Output.Shape is not { } to || node.Input(1) is not { Initializer: null, Producer: { } source }) return Rewrite.None;
        if (Shapes.ReshapeTarget(from, to) is not { } target) return Rewrite.Refused("the shape depends on more than one dimension that is not known");
        node.SetInput(1, node.Graph.AddInitializer(node.Output.Name + "_shape", Tensor.Vector<long>(target)));
        node.Attributes.Remove("allowzero");
        DeadCode.RemoveUpwards(source);
        return Rewrite.Applied($"its shape is always [{string.Join(", ", target)}]");
    }
}
