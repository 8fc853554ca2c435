namespace ModelCompiler.Onnx.Opsets.Rules;

/// <summary>
/// Before 13, Softmax and its kin saw a matrix: the dimensions before <c>axis</c> (default 1) by those from it on, and normalized its rows. Since
/// then they normalize along <c>axis</c> (default −1) alone.
/// </summary>
internal static class SoftmaxFamily
{
    public static void Register(OpsetRules rules)
    {
        foreach (string name in (string[])["Softmax", "LogSoftmax", "Hardmax"]) rules.Add(name, 13, Convert);
    }

    private static string? Convert(Node node)
    {
        Value input = node.Input(0)!;
        long axis = node.Attributes.GetInt("axis", 1);
        if (axis == -1 || (input.Shape is { } shape && IsOneDimension(shape, axis)))
            node.Attributes.Set("axis", axis);
        else
            ThroughMatrix(node, input, axis);
        return null;
    }

    /// <summary>Whether the row has no dimension but the one at <paramref name="axis"/>, ones aside.</summary>
    private static bool IsOneDimension(Shape shape, long axis)
    {
        if (axis < 0) axis += shape.Rank;
        if (axis < 0 || axis >= shape.Rank) return false;
        for (int i = (int)axis + 1; i < shape.Rank; i++)
            if (shape[i].ValueOrNull != 1) return false;
        return true;
    }

    private static void ThroughMatrix(Node node, Value input, long axis)
    {
        Graph graph = node.Graph;
        Value output = node.Output;
        Value shape = graph.AddNode("Shape", [input], [output.Name + "_shape"], before: node).Output;
        Node flatten = graph.AddNode("Flatten", [input], [output.Name + "_rows"], before: node);
        flatten.Attributes.Set("axis", axis);
        Node softmax = graph.AddNode(node.OpType, [flatten.Output], [output.Name + "_normalized"], name: node.Name, before: node);
        softmax.Attributes.Set("axis", -1L);
        node.ReplaceBy("Reshape", [softmax.Output, shape], keepAttributes: false).Name = "";
    }
}
