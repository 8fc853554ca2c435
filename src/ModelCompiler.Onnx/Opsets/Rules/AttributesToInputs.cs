namespace ModelCompiler.Onnx.Opsets.Rules;

/// <summary>Operators whose attributes became inputs, so that they can be computed.</summary>
internal static class AttributesToInputs
{
    private static readonly string[] Reductions =
        ["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"];

    public static void Register(OpsetRules rules)
    {
        rules.Add("Clip", 11, Clip);
        rules.Add("DFT", 20, node => MoveScalar(node, "axis", 2, defaultValue: 1));
        rules.Add("Dropout", 12, Dropout);
        rules.Add("Pad", 11, Pad);
        rules.Add("Slice", 10, Slice);
        rules.Add("Split", 13, node => MoveList(node, "split", 1));
        rules.Add("Squeeze", 13, node => MoveList(node, "axes", 1));
        rules.Add("TopK", 10, TopK);
        rules.Add("Unsqueeze", 13, node => MoveList(node, "axes", 1));
        rules.Add("Upsample", 9, UpsampleScales);
        rules.Add("ReduceSum", 13, node => MoveList(node, "axes", 1));
        foreach (string reduction in Reductions) rules.Add(reduction, 18, node => MoveList(node, "axes", 1));
    }

    /// <summary>Bounds that are left out stay out; the attributes were floats whatever the type of the input.</summary>
    private static string? Clip(Node node)
    {
        float? min = node.Attributes.Find("min")?.Float, max = node.Attributes.Find("max")?.Float;
        ElementType type = node.Input(0)!.ElementType;
        if (min is not null || max is not null)
        {
            if (FloatConstant(type, 0) is null) return $"its element type is {type}";
            if (min is { } low) node.SetInput(1, AddConstant(node, "min", FloatConstant(type, low)!));
            if (max is { } high) node.SetInput(2, AddConstant(node, "max", FloatConstant(type, high)!));
        }
        node.Attributes.Remove("min");
        node.Attributes.Remove("max");
        return null;
    }

    private static string? Pad(Node node)
    {
        float value = node.Attributes.GetFloat("value", 0);
        ElementType type = node.Input(0)!.ElementType;
        if (value != 0 && FloatConstant(type, value) is null) return $"its element type is {type}";
        MoveList(node, "pads", 1);
        if (value != 0) node.SetInput(2, AddConstant(node, "value", FloatConstant(type, value)!));
        node.Attributes.Remove("value");
        return null;
    }

    private static string? Slice(Node node)
    {
        MoveList(node, "starts", 1);
        MoveList(node, "ends", 2);
        return MoveList(node, "axes", 3);
    }

    private static string? TopK(Node node)
    {
        node.SetInput(1, AddConstant(node, "k", Tensor.Vector(node.Attributes["k"].Int)));
        node.Attributes.Remove("k");
        return null;
    }

    private static string? Dropout(Node node)
    {
        if (node.Attributes.Find("ratio") is not { } ratio) return null;
        node.SetInput(1, AddConstant(node, "ratio", Tensor.Scalar(ratio.Float)));
        node.Attributes.Remove("ratio");
        return null;
    }

    private static string? UpsampleScales(Node node)
    {
        node.SetInput(1, AddConstant(node, "scales", Tensor.Vector(node.Attributes["scales"].Floats)));
        node.Attributes.Remove("scales");
        return null;
    }

    private static string? MoveList(Node node, string attribute, int input)
    {
        if (node.Attributes.GetInts(attribute) is not { } values) return null;
        // An empty list was as good as none; as an input it is not for every operator.
        if (values.Length > 0) node.SetInput(input, AddConstant(node, attribute, Tensor.Vector<long>(values)));
        node.Attributes.Remove(attribute);
        return null;
    }

    private static string? MoveScalar(Node node, string attribute, int input, long defaultValue)
    {
        node.SetInput(input, AddConstant(node, attribute, Tensor.Scalar(node.Attributes.GetInt(attribute, defaultValue))));
        node.Attributes.Remove(attribute);
        return null;
    }

    private static Value AddConstant(Node node, string name, Tensor tensor) => node.Graph.AddInitializer($"{node.Outputs[0].Name}_{name}", tensor);

    /// <summary>A scalar of a floating-point type, or null where the type is another or unknown.</summary>
    private static Tensor? FloatConstant(ElementType type, float value) => type switch
    {
        ElementType.Float => Tensor.Scalar(value),
        ElementType.Double => Tensor.Scalar((double)value),
        ElementType.Float16 => Tensor.Scalar((Half)value),
        _ => null,
    };
}
