using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>
/// Computes in float32 what a model computes in 16 bits, so that weights can be quantized, and ONNX Runtime's CPU provider, which casts to float16 and
/// back at each operator and has no arithmetic in bfloat16, runs it. Inputs and outputs of the model keep their types. What is only stored in 16 bits
/// stays so, and so does what a Cast there and back rounds on purpose.
/// </summary>
/// <param name="format">The 16 bits: float16 where the target does not compute it, bfloat16 always, as nothing on the CPU could be compared with it.</param>
/// <param name="rounds">Whether each result is rounded to the format, as kernels do that sum up in float32.</param>
public sealed class HalfWidening(HalfFormat format, bool rounds = false) : IPass
{
    /// <summary>Larger constants stay behind a Cast: models of that size are not held in memory.</summary>
    private const long LargeBytes = 64 << 20;

    private static readonly string[] TypeAttributes = ["to", "dtype", "output_dtype", "output_datatype"];

    /// <inheritdoc/>
    public string Name => NameFor(format);

    /// <summary>What the pass for a format is called.</summary>
    public static string NameFor(HalfFormat format) => format.Name + "-widening";

    /// <summary>Whether a node of the model does more than to store or to round. Types are inferred where that can be.</summary>
    public bool IsNeeded(Model model)
    {
        if (!IsNamed(model.Graph)) return false;
        model.InferTypes();
        return model.Graph.AllNodes().Any(Computes);
    }

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        Graph main = context.Graph;
        if ((format == HalfFormat.Float16 && context.Target.ComputesHalf) || !IsNeeded(context.Model)) return;
        List<Value> values = [.. main.AllGraphs().SelectMany(graph => graph.Values())];
        List<Value> halves = [.. values.Where(IsHalf)];
        List<Value> computed = [.. halves.Where(value => !IsGiven(value, main))];
        if (values.FirstOrDefault(value => value.Type is not TensorType { ElementType: not ElementType.Undefined }) is { } other)
        {
            context.Refused(other.Name, $"it is no tensor of a known type, so that the model stays in {format.Name}");
            return;
        }
        List<Node> nodes = [.. main.AllNodes()];
        foreach (Value value in computed) value.Type = new TensorType(ElementType.Float, value.Shape);
        foreach (Node node in nodes) SetElementType(node);
        foreach (Value value in halves.Except(computed)) Feed(value, main);
        foreach (Value value in computed.Where(main.Outputs.Contains).ToList()) ElementCasts.CastResult(main, value, format.ElementType, "_float");
        foreach (Value value in computed)
            if (rounds && value.Producer is not null) Round(value);
        context.Changed(main.Name, $"computed in float32 instead of {format.Name}: {computed.Count} values");
    }

    /// <summary>Whether the graph, whose types need not be known yet, has to do with the format at all.</summary>
    private bool IsNamed(Graph main) =>
        main.AllGraphs().Any(graph => graph.Inputs.Concat(graph.Initializers).Any(IsHalf)) || main.AllNodes().Any(node => node.Attributes.Any(attribute => NamesType(attribute) || IsTensor(attribute)));

    private bool Computes(Node node) =>
        !node.Is("Cast") && node.Inputs.ToArray().Concat(node.Outputs.ToArray()).Any(value => value is not null && IsHalf(value) && !IsResult(value));

    /// <summary>What only leaves the model in 16 bits, such as this pass makes.</summary>
    private static bool IsResult(Value value) => value is { IsOutput: true, Uses.Count: 0 } && value.Producer is { } producer && producer.Is("Cast");

    private bool IsHalf(Value value) => value.ElementType == format.ElementType;

    /// <summary>Inputs of the model and constants.</summary>
    private static bool IsGiven(Value value, Graph main) =>
        value.Initializer is not null || (value.Producer is null && ReferenceEquals(value.Graph, main));

    /// <summary>Lets all that reads an input or constant read it in float32, unless it casts it itself.</summary>
    private void Feed(Value value, Graph main)
    {
        List<Use> uses = [.. value.Uses.Where(use => !use.Node.Is("Cast"))];
        // The model's own outputs keep their type.
        bool isInnerOutput = value.IsOutput && main.AllGraphs().Any(graph => !ReferenceEquals(graph, main) && graph.Outputs.Contains(value));
        if (uses.Count == 0 && !isInnerOutput) return;
        Value wide = !value.IsInput && value.Initializer is { } constant && constant.Bytes.Length <= LargeBytes
            ? value.Graph.AddInitializer(value.Name + "_float", format.Widened(constant))
            : ElementCasts.Cast(value.Graph, value, ElementType.Float, value.Graph.Nodes.First);
        foreach (Use use in uses) use.Node.SetInput(use.Index, wide);
        ElementCasts.ReplaceOutputs(main, value, graph => ReferenceEquals(graph, main) ? value : wide);
        if (value is { Initializer: not null, IsInput: false, IsUnused: true }) value.Graph.RemoveInitializer(value);
    }

    /// <summary>Operators that name their element type in an attribute, or make a tensor of it.</summary>
    private void SetElementType(Node node)
    {
        foreach (NodeAttribute attribute in node.Attributes.ToList())
        {
            if (NamesType(attribute)) node.Attributes.Set(attribute.Name, (long)ElementType.Float);
            else if (IsTensor(attribute)) node.Attributes.Set(new NodeAttribute(attribute.Name, format.Widened(attribute.Tensor)));
        }
    }

    private void Round(Value value)
    {
        Graph graph = value.Graph;
        Value narrow = ElementCasts.Cast(graph, value, format.ElementType, value.Producer!.Next), rounded = ElementCasts.Cast(graph, narrow, ElementType.Float, narrow.Producer!.Next);
        graph.ReplaceAllUses(value, rounded);
        narrow.Producer.SetInput(0, value);
    }

    private bool NamesType(NodeAttribute attribute) => attribute is { Kind: AttributeKind.Int, Reference: null } && attribute.Int == (long)format.ElementType && TypeAttributes.Contains(attribute.Name);

    private bool IsTensor(NodeAttribute attribute) => attribute is { Kind: AttributeKind.Tensor, Reference: null } && attribute.Tensor.ElementType == format.ElementType;
}
