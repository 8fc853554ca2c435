namespace ModelCompiler.Generator.Signatures;

/// <summary>Names that every predictor has; a type or member from a model must not be called so.</summary>
internal static class EmittedNames
{
    public const string Predict = "Predict";
    public const string PredictInto = "PredictInto";
    public const string PredictBatch = "PredictBatch";
    public const string PredictAsync = "PredictAsync";
    public const string CreateRequest = "CreateRequest";
    public const string OpenStream = "OpenStream";
    public const string ModelPath = "ModelPath";
    public const string ModelSha256 = "ModelSha256";
    public const string SourceSha256 = "SourceSha256";
    public const string Description = "Description";
    public const string InputNames = "InputNames";
    public const string OutputNames = "OutputNames";
    public const string Batching = "Batching";
    public const string OnOpened = "OnOpened";

    /// <summary>The local variable of Predict, and its parameters.</summary>
    public const string Call = "call";
    public const string CancellationToken = "cancellationToken";
    public const string Input = "input";

    /// <summary>Members of the runtime's enumeration; their names are also those of the item's metadata.</summary>
    public static readonly string[] ExecutionProviders = ["Cpu", "Cuda", "TensorRt", "OpenVino", "DirectMl", "CoreMl", "WebGpu", "Qnn", "Xnnpack"];

    /// <summary>Of the predictor, and of the classes that it derives from.</summary>
    public static readonly string[] OfPredictor =
    [
        Predict, PredictInto, PredictBatch, PredictAsync, CreateRequest, OpenStream, ModelPath, ModelSha256, SourceSha256, Description, InputNames, OutputNames, Batching, OnOpened,
        "Session", "Placement", "Fault", "Dispose", "StartCall", "ModelBytes", "SetTensor",
    ];

    /// <summary>Of requests, which have a member for each input and output.</summary>
    public static readonly string[] OfRequest = ["Run", "Feed", "Resize", "Dispose", "InputAt", "OutputAt", "OutputShapeAt", "ResizeAt"];

    /// <summary>A member of one of these names would hide what every object has.</summary>
    public static readonly string[] OfObject = ["Equals", "ReferenceEquals", "GetHashCode", "GetType", "ToString", "MemberwiseClone", "Finalize", "Deconstruct"];
}
