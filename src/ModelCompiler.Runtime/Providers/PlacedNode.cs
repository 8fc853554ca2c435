namespace ModelCompiler.Runtime;

/// <summary>A node of a loaded graph and the provider that runs it.</summary>
/// <param name="Provider">ONNX Runtime's name of the provider, such as <c>CPUExecutionProvider</c>.</param>
/// <param name="Name">The node's name; empty where it has none.</param>
/// <param name="Operator">The operator, such as <c>Conv</c>.</param>
public sealed record PlacedNode(string Provider, string Name, string Operator)
{
    /// <summary>As in <c>Conv 'conv1'</c>.</summary>
    public override string ToString() => Name.Length > 0 ? $"{Operator} '{Name}'" : Operator;
}
