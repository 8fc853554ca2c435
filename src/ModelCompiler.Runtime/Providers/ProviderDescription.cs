using System.Collections.Frozen;

namespace ModelCompiler.Runtime;

/// <summary>
/// What is known of an execution provider before anything is loaded: the names that ONNX Runtime uses, where it comes from, what it needs,
/// and its options. What it computes, and how it wants int8, is the optimizer's side of it.
/// </summary>
public sealed record ProviderDescription
{
    private static readonly FrozenDictionary<ExecutionProvider, ProviderDescription> ByProvider = new[]
    {
        CpuProvider.Description,
        CudaProvider.Description,
        TensorRtProvider.Description,
        OpenVinoProvider.Description,
        DirectMlProvider.Description,
        CoreMlProvider.Description,
        WebGpuProvider.Description,
        QnnProvider.Description,
        XnnpackProvider.Description,
    }.ToFrozenDictionary(description => description.Provider);

    /// <summary>All of them, in the order of <see cref="ExecutionProvider"/>.</summary>
    public static IReadOnlyList<ProviderDescription> All { get; } = [.. ByProvider.Values.OrderBy(description => description.Provider)];

    public required ExecutionProvider Provider { get; init; }

    /// <summary>The name in ONNX Runtime's lists and reports, such as <c>CUDAExecutionProvider</c>.</summary>
    public required string RuntimeName { get; init; }

    /// <summary>The name that ONNX Runtime's function to add a provider takes, such as <c>WebGPU</c>.</summary>
    public required string AppendName { get; init; }

    /// <summary>The NuGet packages whose ONNX Runtime has the provider; empty where ModelCompiler's own library has it.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>
    /// Libraries of the provider's own, beside ONNX Runtime's, without prefix and extension; empty where it is part of ONNX Runtime's library.
    /// </summary>
    public IReadOnlyList<string> Libraries { get; init; } = [];

    /// <summary>
    /// Libraries of the system that are loaded by name when the provider starts, and that no file therefore lists, for Linux: drivers and loaders.
    /// </summary>
    public IReadOnlyList<string> LinuxRequirements { get; init; } = [];

    /// <summary>What to install where it cannot be used: one sentence.</summary>
    public required string Remedy { get; init; }

    /// <summary>Whether all sessions of a process share one queue of the device that takes one caller at a time: their runs wait for each other.</summary>
    public bool SharesQueue { get; init; }

    /// <summary>What it compiles a graph into, where that takes long enough to be kept; null where it starts at once.</summary>
    public ProviderArtefacts? Artefacts { get; init; }

    /// <summary>Words in an error that say that the device is lost, or its context useless from then on.</summary>
    public IReadOnlyList<string> FaultMarkers { get; init; } = [];

    public IReadOnlyList<ProviderOption> Options { get; init; } = [];

    /// <summary>The description of a provider.</summary>
    public static ProviderDescription Of(ExecutionProvider provider) => ByProvider.TryGetValue(provider, out var description)
        ? description
        : throw new ArgumentOutOfRangeException(nameof(provider), provider, "Not an execution provider.");

    /// <summary>The provider that ONNX Runtime reports under this name, or null for one that is not described here.</summary>
    public static ProviderDescription? Find(string runtimeName) => All.FirstOrDefault(description => description.RuntimeName == runtimeName);

    /// <summary>Whether an error says that the device is lost.</summary>
    internal bool IsFault(string error) => FaultMarkers.Any(marker => error.Contains(marker, StringComparison.OrdinalIgnoreCase));

    /// <summary>The option of this name, or null.</summary>
    public ProviderOption? FindOption(string name) => Options.FirstOrDefault(option => option.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
