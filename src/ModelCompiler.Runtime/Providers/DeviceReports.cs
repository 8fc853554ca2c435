namespace ModelCompiler.Runtime;

/// <summary>What devices say of themselves in ONNX Runtime's log: some are lost between two calls, and no call fails. It holds for all sessions of a process.</summary>
internal sealed class DeviceReports
{
    private readonly string?[] _lost = new string?[ProviderDescription.All.Max(description => (int)description.Provider) + 1];

    /// <summary>Those of this process.</summary>
    public static DeviceReports OfProcess { get; } = new();

    /// <summary>Reads a line of the log.</summary>
    public void Read(LogSeverity severity, string text)
    {
        if (severity >= LogSeverity.Error && ProviderDescription.All.FirstOrDefault(description => description.SharesQueue && description.IsFault(text)) is { } lost)
        {
            Volatile.Write(ref _lost[(int)lost.Provider], text);
        }
    }

    /// <summary>What the device of a provider said when it was lost; null while it works.</summary>
    public string? Find(ExecutionProvider provider) => Volatile.Read(ref _lost[(int)provider]);
}
