using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>
/// Computes in float32 what a model computes in float16, where the provider has no kernels of float16 and would cast to and from at each operator: for
/// it, and so that weights can be quantized. Inputs and outputs keep their types. Weights that are only stored in float16 stay so.
/// </summary>
public sealed class HalfWidening : IPass
{
    /// <summary>The name of the pass.</summary>
    internal const string PassName = "half-widening";

    /// <summary>Larger constants stay in float16 behind a Cast: models of that size are not held in memory.</summary>
    private const long LargeBytes = 64 << 20;

    private static readonly string[] TypeAttributes = ["to", "dtype", "output_dtype", "output_datatype"];

    /// <inheritdoc/>
    public string Name => PassName;

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        Graph main = context.Graph;
        if (context.Target.ComputesHalf || !main.AllNodes().Any(ComputesHalf)) return;
        List<Value> values = [.. main.AllGraphs().SelectMany(graph => graph.Values())];
        List<Value> halves = [.. values.Where(value => value.ElementType == ElementType.Float16)];
        List<Value> computed = [.. halves.Where(value => !IsGiven(value, main))];
        if (computed.All(IsResult)) return;
        if (values.FirstOrDefault(value => value.Type is not TensorType { ElementType: not ElementType.Undefined }) is { } other)
        {
            context.Refused(other.Name, "it is no tensor of a known type, so that the model stays in float16");
            return;
        }
        List<Node> nodes = [.. main.AllNodes()];
        foreach (Value value in computed) value.Type = new TensorType(ElementType.Float, value.Shape);
        foreach (Node node in nodes) SetElementType(node);
        foreach (Value value in halves.Except(computed)) Feed(value, main);
        foreach (Value value in computed.Where(main.Outputs.Contains)) ElementCasts.CastResult(main, value, ElementType.Float16, "_float");
        context.Changed(main.Name, $"computed in float32 instead of float16: {computed.Count} values");
    }

    /// <summary>A Cast there and back rounds on purpose.</summary>
    private static bool ComputesHalf(Node node) => !node.Is("Cast") && IsAnyHalf(node.Inputs) && IsAnyHalf(node.Outputs);

    private static bool IsAnyHalf(ReadOnlySpan<Value?> values)
    {
        foreach (Value? value in values)
            if (value?.ElementType == ElementType.Float16) return true;
        return false;
    }

    /// <summary>Inputs of the model and constants.</summary>
    private static bool IsGiven(Value value, Graph main) =>
        value.Initializer is not null || (value.Producer is null && ReferenceEquals(value.Graph, main));

    /// <summary>What only leaves the model in float16, such as this pass makes.</summary>
    private static bool IsResult(Value value) => value is { IsOutput: true, Uses.Count: 0 } && value.Producer is { } producer && producer.Is("Cast");

    /// <summary>Lets all that reads a float16 input or constant read it in float32, unless it casts it itself.</summary>
    private static void Feed(Value value, Graph main)
    {
        List<Use> uses = [.. value.Uses.Where(use => !use.Node.Is("Cast"))];
        // The model's own outputs keep their type.
        bool isInnerOutput = value.IsOutput && main.AllGraphs().Any(graph => !ReferenceEquals(graph, main) && graph.Outputs.Contains(value));
        if (uses.Count == 0 && !isInnerOutput) return;
        Value wide = !value.IsInput && value.Initializer is { } constant && constant.Bytes.Length <= LargeBytes
            ? value.Graph.AddInitializer(value.Name + "_float", HalfFormat.Float16.Widened(constant))
            : ElementCasts.Cast(value.Graph, value, ElementType.Float, value.Graph.Nodes.First);
        foreach (Use use in uses) use.Node.SetInput(use.Index, wide);
        ElementCasts.ReplaceOutputs(main, value, graph => ReferenceEquals(graph, main) ? value : wide);
        if (value is { Initializer: not null, IsInput: false, IsUnused: true }) value.Graph.RemoveInitializer(value);
    }

    /// <summary>Operators that name their element type in an attribute, or make a tensor of it.</summary>
    private static void SetElementType(Node node)
    {
        foreach (string name in TypeAttributes)
            if (node.Attributes.GetInt(name, 0) == (long)ElementType.Float16) node.Attributes.Set(name, (long)ElementType.Float);
        if (node.Is("ConstantOfShape") && node.Attributes.Find("value")?.Tensor is { ElementType: ElementType.Float16 } value)
            node.Attributes.Set(new NodeAttribute("value", HalfFormat.Float16.Widened(value)));
    }
}
