namespace ModelCompiler.Runtime;

/// <summary>
/// Tells a provider that failed for good from a run that failed by its inputs or for lack of memory, which says nothing about the next one. Some
/// providers have codes of their own for it; of others the words are known (<see cref="ProviderDescription.FaultMarkers"/>).
/// </summary>
/// <param name="used">The providers that a session runs on.</param>
/// <param name="reports">What their devices said.</param>
internal sealed class FaultDetection(IEnumerable<ExecutionProvider> used, DeviceReports reports)
{
    private readonly ProviderDescription[] _used = [.. used.Select(ProviderDescription.Of)];

    /// <summary>What a failed run says of its provider: null when the next run may well succeed.</summary>
    public ProviderFault? Find(OnnxRuntimeException failure)
    {
        var byWords = _used.FirstOrDefault(description => description.IsFault(failure.Message));
        bool isByCode = failure.ErrorCode is OrtErrorCode.ExecutionProviderFail or OrtErrorCode.EngineError;
        return byWords is null && !isByCode ? null : new ProviderFault((byWords ?? _used[0]).Provider, failure.Message);
    }

    /// <summary>What a device reported meanwhile: a run may have succeeded without computing anything.</summary>
    public ProviderFault? FindReported()
    {
        foreach (var description in _used)
        {
            if (reports.Find(description.Provider) is { } reason)
            {
                return new ProviderFault(description.Provider, reason);
            }
        }

        return null;
    }
}
