using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>Sum(x, y, …) = x + y + …: additions have an integer kernel, Sum (the residuals of older exporters) has none.</summary>
public sealed class SumsToAdditions : RewritePass
{
    /// <summary>Operator set whose additions broadcast without being told.</summary>
    private const long Broadcasting = 7;

    /// <inheritdoc/>
    public override string Name => "sums-to-additions";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Sum");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (node.Inputs.Length < 2 || context.Model.Opset < Broadcasting || node.Output.ElementType != ElementType.Float) return Rewrite.None;
        Value sum = node.Inputs[0]!;
        for (int i = 1; i < node.Inputs.Length - 1; i++) sum = node.Graph.AddNode("Add", [sum, node.Inputs[i]], before: node).Output;
        node.ReplaceBy("Add", [sum, node.Inputs[^1]]);
        return Rewrite.Applied("became Add, which can run on integers");
    }
}
