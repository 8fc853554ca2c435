namespace ModelCompiler.Optimizer.Passes.Fusion;

/// <summary>Where a fused operator comes from: ONNX's own set from some version on, or ONNX Runtime's.</summary>
internal static class Operators
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>Why an operator of ONNX's own set cannot be used; null where it can.</summary>
    public static string? Refusal(PassContext context, string opType, long sinceOpset)
    {
        if (!context.Target.FusedOperators.Contains(opType)) return $"the provider has no kernel for {opType} that would gain";
        return context.Model.Opset < sinceOpset ? $"{opType} needs operator set {sinceOpset}, the model is written in {context.Model.Opset}" : null;
    }

    /// <summary>
    /// The domain to take an operator from that ONNX has since some version, and ONNX Runtime had before with the same meaning. Where it is
    /// ONNX Runtime's, the model says from now on that it uses it.
    /// </summary>
    public static string DomainOf(PassContext context, long sinceOpset)
    {
        if (context.Model.Opset >= sinceOpset) return "";
        context.Model.Opsets.TryAdd(Microsoft, 1);
        return Microsoft;
    }
}
