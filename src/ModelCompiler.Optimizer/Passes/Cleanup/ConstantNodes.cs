using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>Constant(value) → initializer: all other passes look for constants in one place only.</summary>
public sealed class ConstantNodes : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "constant-nodes";

    /// <inheritdoc/>
    public override bool KeepsTypes => true;

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("Constant");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (ValueOf(node) is not { } tensor) return Rewrite.Refused("the constant is sparse");
        Value output = node.Output;
        Value constant = node.Graph.AddInitializer(output.Name, tensor);
        return Bypass.Around(node, constant, $"became the initializer '{constant}'");
    }

    /// <summary>The tensor of a Constant node, or null for a sparse one.</summary>
    private static Tensor? ValueOf(Node node)
    {
        foreach (NodeAttribute attribute in node.Attributes)
        {
            switch (attribute.Name)
            {
                case "value": return attribute.Tensor;
                case "value_float": return Tensor.Scalar(attribute.Float);
                case "value_floats": return Tensor.Vector(attribute.Floats);
                case "value_int": return Tensor.Scalar(attribute.Int);
                case "value_ints": return Tensor.Vector(attribute.Ints);
                case "value_string": return Tensor.Strings([attribute.StringBytes.ToArray()]);
                case "value_strings": return StringsOf(attribute);
            }
        }
        return null;
    }

    private static Tensor StringsOf(NodeAttribute attribute)
    {
        ReadOnlyMemory<byte>[] strings = [.. attribute.Strings.Select(text => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(text))];
        return Tensor.Strings(strings, strings.Length);
    }
}
