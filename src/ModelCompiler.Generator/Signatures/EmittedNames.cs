namespace ModelCompiler.Generator.Signatures;

/// <summary>Names that every predictor has; a type or member from a model must not be called so.</summary>
internal static class EmittedNames
{
    public const string Predict = "Predict";
    public const string ModelPath = "ModelPath";
    public const string ModelSha256 = "ModelSha256";
    public const string SourceSha256 = "SourceSha256";
    public const string Description = "Description";
    public const string InputNames = "InputNames";
    public const string OutputNames = "OutputNames";

    /// <summary>The local variable of Predict, and its last parameter.</summary>
    public const string Call = "call";
    public const string CancellationToken = "cancellationToken";

    /// <summary>Members of the runtime's enumeration; their names are also those of the item's metadata.</summary>
    public static readonly string[] ExecutionProviders = ["Cpu", "Cuda", "TensorRt", "OpenVino", "DirectMl", "CoreMl", "WebGpu", "Qnn", "Xnnpack"];

    public static readonly string[] OfPredictor = [Predict, ModelPath, ModelSha256, SourceSha256, Description, InputNames, OutputNames];
}
