namespace ModelCompiler.Onnx.Opsets.Rules;

/// <summary>Operators of which a default or a name changed: what was meant is said.</summary>
internal static class Defaults
{
    public static void Register(OpsetRules rules)
    {
        rules.Add("Dropout", 10, DropoutMask);
        rules.Add("GridSample", 20, GridSampleMode);
        rules.Add("RoiAlign", 16, RoiAlignCoordinates);
        rules.Add("Scatter", 11, Scatter);
        rules.Add("Split", 18, SplitCount);
    }

    /// <summary>The mask was of the type of the input before, and is boolean since.</summary>
    private static string? DropoutMask(Node node) =>
        node.Outputs.Length > 1 && !node.Outputs[1].IsUnused ? "its mask is read, and became boolean in operator set 10" : null;

    private static string? GridSampleMode(Node node)
    {
        string mode = node.Attributes.GetString("mode", "bilinear");
        node.Attributes.Set("mode", mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode });
        return null;
    }

    /// <summary>Boxes were not shifted by half a pixel before.</summary>
    private static string? RoiAlignCoordinates(Node node)
    {
        node.Attributes.Set("coordinate_transformation_mode", "output_half_pixel");
        return null;
    }

    private static string? Scatter(Node node)
    {
        node.ReplaceBy("ScatterElements", node.Inputs);
        return null;
    }

    /// <summary>Parts of equal size must be asked for.</summary>
    private static string? SplitCount(Node node)
    {
        if (node.Input(1) is null) node.Attributes.Set("num_outputs", (long)node.Outputs.Length);
        return null;
    }
}
