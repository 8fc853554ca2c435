using System.Runtime.InteropServices;

namespace ModelCompiler.Onnx;

/// <summary>
/// Walks a graph in its order and keeps what is defined so far: everything read must be among it. On the way, every value's books (definition,
/// uses, outputs) are compared with what the walk sees.
/// </summary>
internal sealed class StructureRules(List<Violation> violations)
{
    private readonly HashSet<Graph> _open = [];
    private readonly HashSet<Graph> _visited = [];
    private readonly Dictionary<Value, Sightings> _seen = [];

    public void Verify(Graph graph)
    {
        _seen.EnsureCapacity(2 * graph.Nodes.Count);
        VerifyGraph(graph);
        foreach ((Value value, Sightings seen) in _seen)
            if (seen.IsDefined) VerifyCounts(value, seen);
    }

    private void VerifyGraph(Graph graph)
    {
        _visited.Add(graph);
        _open.Add(graph);
        foreach (Value input in graph.Inputs)
        {
            if (!input.IsInput || input.Producer is not null || input.Initializer is not null) Report(VerificationRule.SingleDefinition, input, "the input is also defined otherwise");
            Define(input, graph);
        }
        foreach (Value constant in graph.Initializers) VerifyInitializer(constant, graph);
        foreach (Node node in graph.Nodes) VerifyNode(node, graph);
        foreach (Value output in graph.Outputs)
        {
            VerifyRead(output, graph.OwnerNode, $"an output of graph '{graph.Name}'");
            Count(output, 0, 1);
        }
        _open.Remove(graph);
    }

    private void VerifyInitializer(Value constant, Graph graph)
    {
        if (constant.Initializer is not { } tensor)
            Report(VerificationRule.SingleDefinition, constant, "the initializer has no tensor");
        else if (constant.Type is not null && !constant.Type.IsCompatible(tensor.Type))
            Report(VerificationRule.InitializerType, constant, $"the type is {constant.Type}, and the tensor {tensor}");
        if (constant.Producer is not null) Report(VerificationRule.SingleDefinition, constant, "the initializer is also computed by a node");
        Define(constant, graph);
    }

    private void VerifyNode(Node node, Graph graph)
    {
        if (!ReferenceEquals(node.Graph, graph)) Report(VerificationRule.SingleDefinition, node, "the node thinks that it is in another graph");
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (node.Inputs[i] is not { } input) continue;
            VerifyRead(input, node, $"input {i}");
            if (!node.IsBookedAt(i)) Report(VerificationRule.Uses, node, $"input {i} is not among the uses of '{input}'");
            Count(input, 1, 0);
        }
        foreach (Graph subgraph in node.Subgraphs)
        {
            if (!ReferenceEquals(subgraph.OwnerNode, node)) Report(VerificationRule.Subgraph, node, $"graph '{subgraph.Name}' thinks that another node holds it");
            if (_visited.Contains(subgraph)) Report(VerificationRule.Subgraph, node, $"graph '{subgraph.Name}' is held twice");
            else VerifyGraph(subgraph);
        }
        for (int i = 0; i < node.OutputArray.Length; i++)
        {
            Value output = node.OutputArray[i];
            if (!ReferenceEquals(output.Producer, node) || output.ProducerIndex != i || output.IsInput || output.Initializer is not null)
                Report(VerificationRule.SingleDefinition, node, $"output {i}, '{output}', is also defined otherwise");
            Define(output, graph);
        }
    }

    private void VerifyRead(Value value, Node? reader, string what)
    {
        string where = reader?.ToString() ?? value.Name;
        if (!_open.Contains(value.Graph))
            violations.Add(new Violation(VerificationRule.Scope, where, $"{what} is '{value}' of graph '{value.Graph.Name}', which is not around it"));
        else if (value.Name.Length == 0)
            violations.Add(new Violation(VerificationRule.Dangling, where, $"{what} is an output that node '{value.Producer}' leaves out"));
        else if (_seen.TryGetValue(value, out Sightings seen) && seen.IsDefined)
            return;
        else if (value.Producer is { IsRemoved: false } producer && !ReferenceEquals(producer, reader))
            violations.Add(new Violation(VerificationRule.TopologicalOrder, where, $"{what} is '{value}', which node '{producer}' computes only later"));
        else
            violations.Add(new Violation(VerificationRule.Dangling, where, $"{what} is '{value}', which nothing defines any more"));
    }

    private void Define(Value value, Graph graph)
    {
        if (!ReferenceEquals(value.Graph, graph)) Report(VerificationRule.SingleDefinition, value, "the value thinks that it is in another graph");
        ref Sightings seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, value, out _);
        if (seen.IsDefined) Report(VerificationRule.SingleDefinition, value, "the value is defined twice");
        seen.IsDefined = true;
    }

    private void VerifyCounts(Value value, Sightings seen)
    {
        if (seen.Uses != value.UseList.Count) Report(VerificationRule.Uses, value, $"{value.UseList.Count} uses are listed, and {seen.Uses} nodes read the value");
        if (seen.Outputs != value.OutputCount) Report(VerificationRule.Uses, value, $"{value.OutputCount} outputs are counted, and {seen.Outputs} graphs hand the value out");
    }

    private void Count(Value value, int uses, int outputs)
    {
        ref Sightings seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, value, out _);
        seen.Uses += uses;
        seen.Outputs += outputs;
    }

    /// <summary>Where a value was met so far: whether it is defined, how many nodes read it, and how many graphs hand it out.</summary>
    private record struct Sightings(bool IsDefined, int Uses, int Outputs);

    private void Report(VerificationRule rule, object where, string text) => violations.Add(new Violation(rule, where.ToString()!, text));
}
