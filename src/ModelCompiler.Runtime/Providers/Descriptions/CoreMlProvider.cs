using static ModelCompiler.Runtime.ProviderOption;

namespace ModelCompiler.Runtime;

/// <summary>Apple's CPU, GPU and Neural Engine by Core ML.</summary>
internal static class CoreMlProvider
{
    public static ProviderDescription Description { get; } = new()
    {
        Provider = ExecutionProvider.CoreMl,
        RuntimeName = "CoreMLExecutionProvider",
        AppendName = "CoreML",
        Remedy = "It needs macOS 12 or iOS 15, or newer for MLProgram.",
        Artefacts = new ProviderArtefacts { FolderOptions = new Dictionary<string, string> { ["ModelCacheDirectory"] = ProviderArtefacts.Folder } },
        Options =
        [
            Choice("ModelFormat", "NeuralNetwork", "MLProgram"),
            Choice("MLComputeUnits", "CPUOnly", "CPUAndNeuralEngine", "CPUAndGPU", "ALL"),
            Switch("RequireStaticInputShapes"),
            Switch("EnableOnSubgraphs"),
            Choice("SpecializationStrategy", "Default", "FastPrediction"),
            Switch("ProfileComputePlan"),
            Switch("AllowLowPrecisionAccumulationOnGPU"),
            Text("ModelCacheDirectory"),
        ],
    };
}
