using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Whether a node that moves or selects elements does so on integers too.</summary>
internal static class MovementEligibility
{
    /// <summary>Why the node stays in floating point; null when it need not.</summary>
    public static string? Refusal(Node node)
    {
        if (node.Input(0) is not { Initializer: null }) return "its data is constant";
        return node.OpType switch
        {
            // The indices of the maxima would come from ties that floating point does not have.
            "MaxPool" when node.Outputs.Length > 1 => "its indices are wanted",
            "MaxPool" when node.Attributes.GetInts("dilations") is { } d && d.Any(x => x != 1) => "dilation has no integer kernel",
            "Resize" when node.Attributes.GetString("mode", "nearest") != "nearest" => "interpolation makes new numbers",
            "Resize" when node.Attributes.GetString("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize" => "extrapolation has a value of its own",
            _ => null,
        };
    }
}
