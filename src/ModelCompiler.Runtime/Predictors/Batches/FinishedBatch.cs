namespace ModelCompiler.Runtime;

/// <summary>Calls whose run is over: each gets its part of the outputs.</summary>
/// <param name="runner">What ran.</param>
/// <param name="run">The run, which holds the outputs.</param>
/// <param name="calls">The calls, in the order of their samples.</param>
internal sealed class FinishedBatch<TInput, TResult>(BatchRunner<TInput, TResult> runner, PredictorRun run, BatchedCall<TInput, TResult>[] calls) : IThreadPoolWorkItem
    where TInput : struct
{
    /// <summary>How many calls were in the run.</summary>
    public int Count => calls.Length;

    /// <summary>Answers the calls.</summary>
    public void Execute()
    {
        var results = new TResult[calls.Length];
        try
        {
            runner.Read(run, results);
        }
#pragma warning disable CA1031 // Whatever goes wrong is the callers' to see; here it would end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Array.ForEach(calls, call => call.Fail(e));
            return;
        }

        for (int i = 0; i < calls.Length; i++)
        {
            calls[i].Answer(results[i]);
        }
    }
}
