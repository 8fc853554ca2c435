namespace ModelCompiler.Runtime;

/// <summary>
/// Tells a provider that failed for good from a run that failed by its inputs or for lack of memory, which says nothing about the next one. Some
/// providers have codes of their own for it; of others the words are known (<see cref="ProviderDescription.FaultMarkers"/>).
/// </summary>
/// <param name="used">The providers that a session runs on.</param>
internal sealed class FaultDetection(IEnumerable<ExecutionProvider> used)
{
    /// <summary>Of each provider, what a device said by itself: it speaks for all sessions of the process.</summary>
    private static readonly string?[] Reported = new string?[ProviderDescription.All.Max(description => (int)description.Provider) + 1];

    private readonly ProviderDescription[] _used = [.. used.Select(ProviderDescription.Of)];

    /// <summary>What a failed run says of its provider: null when the next run may well succeed.</summary>
    public ProviderFault? Find(OnnxRuntimeException failure)
    {
        var byWords = _used.FirstOrDefault(description => Speaks(description, failure.Message));
        bool isByCode = failure.ErrorCode is OrtErrorCode.ExecutionProviderFail or OrtErrorCode.EngineError;
        return byWords is null && !isByCode ? null : new ProviderFault((byWords ?? _used[0]).Provider, failure.Message);
    }

    /// <summary>What a device reported meanwhile: runs may succeed without having computed anything.</summary>
    public ProviderFault? FindReported()
    {
        foreach (var description in _used)
        {
            if (Volatile.Read(ref Reported[(int)description.Provider]) is { } reason)
            {
                return new ProviderFault(description.Provider, reason);
            }
        }

        return null;
    }

    /// <summary>Reads a line of ONNX Runtime's log: some devices are lost between two calls, and only the log tells.</summary>
    public static void Read(LogSeverity severity, string text)
    {
        if (severity >= LogSeverity.Error && ProviderDescription.All.FirstOrDefault(description => description.SharesQueue && Speaks(description, text)) is { } lost)
        {
            Volatile.Write(ref Reported[(int)lost.Provider], text);
        }
    }

    private static bool Speaks(ProviderDescription description, string text) =>
        description.FaultMarkers.Any(marker => text.Contains(marker, StringComparison.OrdinalIgnoreCase));
}
