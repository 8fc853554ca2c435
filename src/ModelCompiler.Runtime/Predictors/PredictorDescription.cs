namespace ModelCompiler.Runtime;

/// <summary>What a generated predictor knows of its model, from the manifest of the build.</summary>
public sealed record PredictorDescription
{
    /// <summary>The compiled model.</summary>
    public required ModelFile Model { get; init; }

    /// <summary>Files with external data; they lie beside the model.</summary>
    public IReadOnlyList<ModelFile> ExternalData { get; init; } = [];

    /// <summary>The inputs, in the order of the indices that generated code uses.</summary>
    public required IReadOnlyList<TensorSpec> Inputs { get; init; }

    /// <summary>The outputs, in the order of the indices that generated code uses.</summary>
    public required IReadOnlyList<TensorSpec> Outputs { get; init; }

    /// <summary>Inputs that carry state from call to call.</summary>
    public IReadOnlyList<PredictorState> States { get; init; } = [];

    /// <summary>How samples share a run; null where none can.</summary>
    public BatchLimits? Batch { get; init; }

    /// <summary>The lowest version of this library that can serve the generated code.</summary>
    public required string MinimumRuntimeVersion { get; init; }

    /// <summary>The lowest version of ONNX Runtime's C API that can run the model.</summary>
    public required int MinimumOrtApiVersion { get; init; }

    /// <summary>Execution providers in order of preference, with their options.</summary>
    public IReadOnlyList<ExecutionProviderChoice> ExecutionProviders { get; init; } = [new(ExecutionProvider.Cpu)];

    /// <summary>Names of nodes that compute shapes: the CPU may run them although it is not among the providers.</summary>
    public IReadOnlyList<string> HostNodes { get; init; } = [];

    /// <summary>Whether the model needs <see cref="SessionOptions.ExactIntegers"/>.</summary>
    public bool ExactIntegers { get; init; }

    /// <summary>Threads within an operator where <see cref="PredictorOptions.IntraOpThreads"/> does not say.</summary>
    public int IntraOpThreads { get; init; } = 1;
}
