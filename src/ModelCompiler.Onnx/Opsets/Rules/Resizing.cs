namespace ModelCompiler.Onnx.Opsets.Rules;

/// <summary>Upsample became Resize, and Resize learned to say where its samples lie.</summary>
internal static class Resizing
{
    public static void Register(OpsetRules rules)
    {
        rules.Add("Upsample", 10, ToResize);
        rules.Add("Resize", 11, Coordinates);
        rules.Add("Resize", 13, LeaveOut);
    }

    private static string? ToResize(Node node)
    {
        node.ReplaceBy("Resize", node.Inputs);
        return null;
    }

    /// <summary>
    /// Samples lay at x/scale before. The nearest one was the next lower when enlarging and, in ONNX Runtime, the next higher when shrinking, so
    /// that the scales must be known.
    /// </summary>
    private static string? Coordinates(Node node)
    {
        string mode = node.Attributes.GetString("mode", "nearest");
        string? nearest = null;
        if (mode == "nearest" && (nearest = NearestMode(node)) is null) return "its scales are not constant, or enlarge one dimension and shrink another";
        node.SetInput(2, node.Input(1));
        node.SetInput(1, node.Graph.AddInitializer(node.Outputs[0].Name + "_roi", Tensor.Vector<float>()));
        node.Attributes.Set("coordinate_transformation_mode", "asymmetric");
        if (nearest is not null) node.Attributes.Set("nearest_mode", nearest);
        return null;
    }

    private static string? NearestMode(Node node)
    {
        if (node.Constant(1) is not { ElementType: ElementType.Float } constant) return null;
        bool enlarges = false, shrinks = false;
        foreach (float scale in constant.AsSpan<float>())
        {
            enlarges |= scale > 1;
            shrinks |= scale < 1;
        }
        return enlarges && shrinks ? null : shrinks ? "ceil" : "floor";
    }

    /// <summary>An empty tensor stood for an input that is not given; now it can be left out, and one coordinate mode is gone.</summary>
    private static string? LeaveOut(Node node)
    {
        if (node.Attributes.GetString("coordinate_transformation_mode", "half_pixel") == "tf_half_pixel_for_nn") return "tf_half_pixel_for_nn went away without a successor";
        for (int i = 1; i <= 2; i++)
            if (node.Constant(i) is { ElementCount: 0 }) node.SetInput(i, null);
        return null;
    }
}
