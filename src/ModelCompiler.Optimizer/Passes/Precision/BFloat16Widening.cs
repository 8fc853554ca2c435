using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>
/// Computes in float32 what a graph computes in bfloat16, for which ONNX Runtime's CPU provider has no arithmetic: a model that comes in it, and the
/// stand-in that tells what computing in it loses. Inputs and outputs of the model keep their types. Constants that are only stored in it stay.
/// </summary>
/// <param name="rounds">Whether each result is rounded to bfloat16, as kernels do that sum up in float32.</param>
public sealed class BFloat16Widening(bool rounds) : IPass
{
    private static readonly string[] TypeAttributes = ["to", "dtype", "output_dtype"];

    /// <inheritdoc/>
    public string Name => "bfloat16-widening";

    /// <summary>Whether anything but a Cast reads or makes bfloat16. Types are inferred where that can be.</summary>
    public static bool IsNeeded(Model model)
    {
        Graph main = model.Graph;
        bool isThere = main.AllGraphs().Any(graph => graph.Inputs.Concat(graph.Initializers).Any(IsBFloat16)) || main.AllNodes().Any(node => node.Attributes.Any(NamesBFloat16));
        if (!isThere) return false;
        model.InferTypes();
        return main.AllNodes().Any(node => !node.Is("Cast") && node.Inputs.ToArray().Concat(node.Outputs.ToArray()).Any(IsBFloat16));
    }

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        if (!IsNeeded(context.Model)) return;
        Graph main = context.Graph;
        bool[] isBFloat16 = [.. main.Outputs.Select(output => IsBFloat16(output) && output.Producer is not null)];
        int count = 0;
        foreach (Graph graph in main.AllGraphs().ToList())
        {
            foreach (Node node in graph.Nodes.ToList()) count += Widen(node);
            foreach (Value constant in graph.Initializers.Where(IsBFloat16).ToList()) graph.SetInitializer(constant, HalfFormat.BFloat16.Widened(constant.Initializer!));
            foreach (Value input in graph.Inputs.Where(IsBFloat16).ToList()) Widen(input, isOfModel: ReferenceEquals(graph, main));
        }
        Value[] outputs = [.. main.Outputs];
        while (main.Outputs.Count > 0) main.RemoveOutput(main.Outputs.Count - 1);
        for (int i = 0; i < outputs.Length; i++) main.AddOutput(isBFloat16[i] ? Narrowed(main, outputs[i]) : outputs[i]);
        context.Changed(main.Name, $"{count} nodes compute in float32 what they had in bfloat16");
    }

    private int Widen(Node node)
    {
        foreach (NodeAttribute attribute in node.Attributes.ToList())
        {
            if (NamesBFloat16(attribute)) node.Attributes.Set(attribute.Name, (long)ElementType.Float);
            else if (attribute is { Kind: AttributeKind.Tensor, Reference: null } && attribute.Tensor.ElementType == ElementType.BFloat16) node.Attributes.Set(new NodeAttribute(attribute.Name, HalfFormat.BFloat16.Widened(attribute.Tensor)));
        }
        Value[] outputs = [.. node.Outputs.ToArray().Where(IsBFloat16)];
        foreach (Value output in outputs)
        {
            output.Type = new TensorType(ElementType.Float, output.Shape);
            if (rounds) Round(output);
        }
        return outputs.Length > 0 ? 1 : 0;
    }

    private static void Widen(Value input, bool isOfModel)
    {
        if (!isOfModel)
        {
            input.Type = new TensorType(ElementType.Float, input.Shape);
            return;
        }
        List<Use> uses = [.. input.Uses];
        Value wide = ElementCasts.Cast(input.Graph, input, ElementType.Float, input.Graph.Nodes.First);
        foreach (Use use in uses) use.Node.SetInput(use.Index, wide);
    }

    private static void Round(Value value)
    {
        Graph graph = value.Graph;
        Value narrow = ElementCasts.Cast(graph, value, ElementType.BFloat16, value.Producer!.Next), rounded = ElementCasts.Cast(graph, narrow, ElementType.Float, narrow.Producer!.Next);
        graph.ReplaceAllUses(value, rounded);
        narrow.Producer.SetInput(0, value);
    }

    private static Value Narrowed(Graph graph, Value value)
    {
        string name = value.Name;
        Value narrow = ElementCasts.Cast(graph, value, ElementType.BFloat16, before: null);
        graph.Rename(value, name + "_float");
        graph.Rename(narrow, name);
        return narrow;
    }

    private static bool IsBFloat16(Value? value) => value?.ElementType == ElementType.BFloat16;

    private static bool NamesBFloat16(NodeAttribute attribute) => attribute is { Kind: AttributeKind.Int, Reference: null, Int: (long)ElementType.BFloat16 } && TypeAttributes.Contains(attribute.Name);
}
