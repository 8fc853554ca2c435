namespace ModelCompiler.Onnx;

/// <summary>What to do about a model that ONNX Runtime refuses and that breaks no rule of the format.</summary>
public static class RefusalAdvice
{
    /// <summary>The last version of the file format that ONNX Runtime 1.30 reads.</summary>
    private const long NewestIrVersion = 13;

    /// <summary>The domains whose operators ONNX Runtime has.</summary>
    private static readonly string[] Domains = ["", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft", "com.ms.internal.nhwc", "com.microsoft.nchwc"];

    /// <summary>What ONNX Runtime's StringNormalizer says where the system does not know the language.</summary>
    private const string MissingLocale = "Failed to construct locale";

    /// <summary>What it says of operators that exist, though not for these types.</summary>
    private const string MissingKernel = "Could not find an implementation";

    /// <summary>What it says where its own rewriting has made an operator of such types.</summary>
    private const string RefusedType = "Type Error";

    /// <summary>A sentence, by the likeliest cause.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <param name="reason">What ONNX Runtime says.</param>
    public static string For(Model model, string reason)
    {
        if (reason.Contains(MissingLocale, StringComparison.Ordinal)) return "This machine lacks a locale that StringNormalizer asks for, as small containers do: install it here and where the program runs (on Debian, the package locales-all), or export the model with locale=\"C\".";
        if (reason.Contains(MissingKernel, StringComparison.Ordinal) && model.Graph.AllNodes().Any(node => node.Inputs.ToArray().Any(input => input?.ElementType == ElementType.Double)))
            return "It has this operator in float32 and not in float64: export the model in float32 (in PyTorch, model.float() and inputs of torch.float32).";
        if (IsAboutTypes(reason) && SmallFloat(model) is { } type)
            return $"The model computes with numbers in {type}, which are for other hardware: export it in float32 or float16 and leave the quantization to Precision, or with integers of 8 or 4 bits.";
        if (model.IrVersion > NewestIrVersion) return $"The file is of version {model.IrVersion} of the format, which is newer: write it with an older version of the onnx package, or export it anew.";
        Node? custom = model.Graph.Nodes.FirstOrDefault(node => !Domains.Contains(node.Domain) && !model.Functions.Any(function => function.Domain == node.Domain && function.Name == node.OpType));
        if (custom is not null) return $"'{custom.Domain}:{custom.OpType}' is no operator of ONNX Runtime, and libraries of custom operators cannot be loaded: export the model with standard ones.";
        return model.Opset > OperatorSchemas.NewestOpset
            ? $"The model is in operator set {model.Opset}: export it with opset {OperatorSchemas.NewestOpset} or older."
            : "Check the export; the same model fails in every ONNX Runtime program.";
    }

    private static bool IsAboutTypes(string reason) => reason.Contains(MissingKernel, StringComparison.Ordinal) || reason.Contains(RefusedType, StringComparison.Ordinal);

    /// <summary>The first type of 4 or 8 bits with a floating point that a node reads.</summary>
    private static ElementType? SmallFloat(Model model) =>
        model.Graph.AllNodes().SelectMany(node => node.Inputs.ToArray()).OfType<Value>()
            .Select(input => input.ElementType).Where(type => type.IsFloatingPoint() && type.BitWidth() <= 8).Cast<ElementType?>().FirstOrDefault();
}
