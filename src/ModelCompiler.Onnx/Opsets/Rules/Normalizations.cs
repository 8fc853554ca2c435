namespace ModelCompiler.Onnx.Opsets.Rules;

/// <summary>Normalizations whose parameters changed.</summary>
internal static class Normalizations
{
    public static void Register(OpsetRules rules)
    {
        rules.Add("BatchNormalization", 9, BatchPerChannel);
        rules.Add("BatchNormalization", 14, BatchForInference);
        rules.Add("GroupNormalization", 21, GroupPerChannel);
    }

    /// <summary>Statistics per element instead of per channel went away.</summary>
    private static string? BatchPerChannel(Node node)
    {
        if (node.Attributes.GetInt("spatial", 1) != 1) return "it normalizes per element (spatial=0)";
        node.Attributes.Remove("spatial");
        return null;
    }

    /// <summary>Further outputs meant training before; what they are differs since.</summary>
    private static string? BatchForInference(Node node)
    {
        for (int i = 1; i < node.Outputs.Length; i++)
            if (!node.Outputs[i].IsUnused) return "it hands out the statistics of training";
        if (node.Outputs.Length > 1) node.ReplaceBy("BatchNormalization", node.Inputs, outputCount: 1);
        return null;
    }

    /// <summary>Scale and bias are per channel since, and were per group: each is repeated for the channels of its group.</summary>
    private static string? GroupPerChannel(Node node)
    {
        long groups = node.Attributes["num_groups"].Int;
        if (node.Input(0)!.Shape is not { Rank: > 1 } shape || !shape[1].IsKnown || groups <= 0 || shape[1].Value % groups != 0) return "the number of its channels is not known";
        long channels = shape[1].Value;
        for (int i = 1; i <= 2; i++)
        {
            string name = node.Inputs[i]!.Name;
            Value column = AddReshape(node, node.Inputs[i]!, name, groups, 1);
            Value target = node.Graph.AddInitializer(name + "_shape", Tensor.Vector(groups, channels / groups));
            Value repeated = node.Graph.AddNode("Expand", [column, target], [name + "_repeated"], before: node).Output;
            node.SetInput(i, AddReshape(node, repeated, name, channels));
        }
        return null;
    }

    private static Value AddReshape(Node node, Value value, string name, params ReadOnlySpan<long> shape)
    {
        Value target = node.Graph.AddInitializer(name + "_shape", Tensor.Vector(shape));
        return node.Graph.AddNode("Reshape", [value, target], [name], before: node).Output;
    }
}
