namespace ModelCompiler.Runtime;

/// <summary>Answers samples in runs of several.</summary>
/// <param name="predictor">What answers.</param>
/// <param name="batching">How samples go in and out.</param>
internal sealed class BatchRunner<TInput, TResult>(Predictor predictor, Batching<TInput, TResult> batching)
    where TInput : struct
{
    /// <summary>Whether every run has the same number of samples, missing ones filled up.</summary>
    public bool IsFixed => predictor.BatchLimits.Size is not null;

    public int MaxBatch => predictor.BatchLimits.Size ?? predictor.BatchLimits.Max;

    public void Check(in TInput input) => batching.Check(predictor.SampleCheck, input);

    public bool CanShare(in TInput first, in TInput other) => batching.CanShare(first, other);

    /// <summary>Answers all, in runs of neighbours.</summary>
    public TResult[] RunAll(IReadOnlyList<TInput> inputs, CancellationToken cancellationToken)
    {
        TInput[] samples = [.. inputs];
        foreach (ref readonly var sample in samples.AsSpan())
        {
            Check(sample);
        }

        var results = new TResult[samples.Length];
        for (int start = 0; start < samples.Length;)
        {
            int end = start + 1;
            while (end < samples.Length && end - start < MaxBatch && batching.CanShare(samples[start], samples[end]))
            {
                end++;
            }

            Read(Run(samples.AsSpan(start..end), cancellationToken), results.AsSpan(start..end));
            start = end;
        }

        return results;
    }

    /// <summary>Runs samples together. Where the run has room for more, the last one fills it up.</summary>
    /// <returns>The run, which holds the outputs until <see cref="Read"/> has taken them.</returns>
    public PredictorRun Run(ReadOnlySpan<TInput> samples, CancellationToken cancellationToken)
    {
        int count = CountOf(samples.Length);
        var call = predictor.StartCall(samples.Length);
        try
        {
            for (int i = 0; i < count; i++)
            {
                batching.Write(call, samples[Math.Min(i, samples.Length - 1)], i, count);
            }

            call.Run(cancellationToken);
            return call.PredictorRun;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    /// <summary>Takes the outputs of the samples out of their run, and gives it back.</summary>
    public void Read(PredictorRun run, Span<TResult> results)
    {
        using var call = predictor.ContinueCall(run, results.Length);
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = batching.Read(call, i, CountOf(results.Length));
        }
    }

    private int CountOf(int samples) => predictor.BatchLimits.Size ?? samples;
}
