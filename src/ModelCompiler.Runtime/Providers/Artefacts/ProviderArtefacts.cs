namespace ModelCompiler.Runtime;

/// <summary>What a provider makes of a graph before it runs it (engines, binaries for a processor), and how that can be kept for the next start.</summary>
public sealed record ProviderArtefacts
{
    /// <summary>Stands for the folder in <see cref="FolderOptions"/>.</summary>
    internal const string Folder = "{folder}";

    /// <summary>
    /// Options of the provider that make it keep files itself, with <c>{folder}</c> where the folder's path belongs. Empty where it hands its work to
    /// ONNX Runtime instead, which writes it into a model of its own (nodes <c>EPContext</c>).
    /// </summary>
    public IReadOnlyDictionary<string, string> FolderOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Files and folders of Linux whose text names driver and device, such as <c>/proc/driver/nvidia/version</c>.</summary>
    public IReadOnlyList<string> LinuxDriverFiles { get; init; } = [];

    /// <summary>Libraries in Windows' system folder whose version is the driver's.</summary>
    public IReadOnlyList<string> WindowsDriverLibraries { get; init; } = [];
}
