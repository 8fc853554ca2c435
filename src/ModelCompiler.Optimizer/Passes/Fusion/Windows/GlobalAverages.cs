using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;

namespace ModelCompiler.Optimizer.Passes.Fusion.Windows;

/// <summary>
/// mean(x over all of its positions) = GlobalAveragePool(x), flattened where the dimensions are dropped. A pool has a kernel for the layout that convolutions compute in, and one on
/// integers; the reduction has neither. (The gates of a small network on integers took 21 % of its time as reductions.) Requires two dimensions of positions or more, behind batch and
/// channels; what is centered by its mean stays, as fusions of normalizations look for it. A picture without pixels, where sizes are open, has a mean of 0 as a reduction, and is an
/// error as a pool.
/// </summary>
public sealed class GlobalAverages : RewritePass
{
    private const string Pool = "GlobalAveragePool";

    /// <inheritdoc/>
    public override string Name => "global-averages";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("ReduceMean");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (context.Target.Operators?.Contains(Pool) == false) return Rewrite.None;
        Value x = node.Inputs[0]!;
        if (x.ElementType != ElementType.Float || x.Shape is not { Rank: > 3 } shape || ReductionAxes.FromEnd(node) is not { } axes) return Rewrite.None;
        if (!axes.SequenceEqual(Enumerable.Range(2 - shape.Rank, shape.Rank - 2))) return Rewrite.None;
        if (node.Outputs[0].Uses.Any(use => use.Node.Is("Sub") && use.Node.Inputs.Contains(x))) return Rewrite.Refused("what it is the mean of is centered by it");
        if (node.Attributes.GetInt("keepdims", 1) != 0)
        {
            node.ReplaceBy(Pool, [x], keepAttributes: false);
            return Rewrite.Applied("a pool, which has kernels for the layouts of convolutions and for integers");
        }
        Node pool = node.Graph.AddNode(Pool, [x], name: node.Name, before: node);
        pool.Output.Type = new TensorType(ElementType.Float, new Shape([shape[0], shape[1], .. Enumerable.Repeat((Dim)1, shape.Rank - 2)]));
        node.ReplaceBy("Flatten", [pool.Output], keepAttributes: false);
        return Rewrite.Applied("a pool, flattened, which has kernels for the layouts of convolutions and for integers");
    }
}
