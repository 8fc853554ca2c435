namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>From real numbers to integers with scale and zero point, and back.</summary>
internal static class Quantization
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(QuantizeLinear, "QuantizeLinear");
        rules.Onnx(DequantizeLinear, "DequantizeLinear");
        rules.Onnx(DynamicQuantizeLinear, "DynamicQuantizeLinear");
    }

    /// <summary>The element type is that of the zero point, else output_dtype (opset 21), else uint8.</summary>
    public static void QuantizeLinear(InferenceContext context)
    {
        ElementType element = context.Element(2);
        if (element == ElementType.Undefined && !context.HasInput(2))
        {
            element = (ElementType)context.Int("output_dtype", 0);
            if (element == ElementType.Undefined) element = ElementType.UInt8;
        }
        context.Set(0, element, context.Shape(0));
    }

    /// <summary>The element type is that of the scale, unless output_dtype (opset 23) says otherwise.</summary>
    public static void DequantizeLinear(InferenceContext context)
    {
        var element = (ElementType)context.Int("output_dtype", 0);
        context.Set(0, element == ElementType.Undefined ? context.Element(1) : element, context.Shape(0));
    }

    private static void DynamicQuantizeLinear(InferenceContext context)
    {
        context.Set(0, ElementType.UInt8, context.Shape(0));
        context.Set(1, ElementType.Float, Shape.Scalar);
        context.Set(2, ElementType.UInt8, Shape.Scalar);
    }
}
