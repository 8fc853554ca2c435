namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Losses: one number, or one per label where they are not reduced.</summary>
internal static class Losses
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(Loss, "NegativeLogLikelihoodLoss");
        rules.Onnx(SoftmaxCrossEntropy, "SoftmaxCrossEntropyLoss");
    }

    private static void Loss(InferenceContext context) =>
        context.Set(0, context.Element(0), context.String("reduction", "mean") == "none" ? context.Shape(1) : Shape.Scalar);

    private static void SoftmaxCrossEntropy(InferenceContext context)
    {
        Loss(context);
        context.Set(1, context.Type(0));
    }
}
