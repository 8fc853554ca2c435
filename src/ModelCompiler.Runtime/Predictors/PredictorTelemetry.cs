using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ModelCompiler.Runtime;

/// <summary>
/// Metrics and traces of predictors, by the conventions of OpenTelemetry: <c>modelcompiler.run.duration</c> (seconds; <c>error.type</c> where a run
/// failed), <c>modelcompiler.run.samples</c>, <c>modelcompiler.queue.length</c>, each with <c>modelcompiler.predictor</c>, and an activity for each
/// run. Where nobody listens, a call is asked and nothing else.
/// </summary>
public static class PredictorTelemetry
{
    /// <summary>The name of the meter and of the source of activities.</summary>
    public const string Name = "ModelCompiler";

    private const string PredictorTag = "modelcompiler.predictor";
    private const string ErrorTag = "error.type";

    // Collectors' own begin at 5, whatever the unit: all runs would be in the first one.
    private static readonly double[] DurationBuckets = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly int[] SampleBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    private static readonly ActivitySource Activities = new(Name);
    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram("modelcompiler.run.duration", "s", "How long runs take.", null, Buckets(DurationBuckets));
    private static readonly Histogram<int> Samples = Meter.CreateHistogram("modelcompiler.run.samples", "{sample}", "How many samples share a run.", null, Buckets(SampleBuckets));
    private static readonly UpDownCounter<int> Queue = Meter.CreateUpDownCounter<int>("modelcompiler.queue.length", "{call}", "How many calls wait for their run.");

    private static InstrumentAdvice<T> Buckets<T>(T[] boundaries)
        where T : struct => new() { HistogramBucketBoundaries = boundaries };

    private static bool IsObserved
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Duration.Enabled || Samples.Enabled || Activities.HasListeners();
    }

    /// <summary>Runs, and tells those who listen.</summary>
    internal static void Run(string predictor, PredictorRun run, int samples, bool isInPlace, CancellationToken cancellationToken)
    {
        if (IsObserved)
        {
            RunObserved(predictor, run, samples, isInPlace, cancellationToken);
        }
        else
        {
            run.Run(isInPlace, cancellationToken);
        }
    }

    internal static void CountWaiting(string predictor, int change)
    {
        if (Queue.Enabled)
        {
            Queue.Add(change, new KeyValuePair<string, object?>(PredictorTag, predictor));
        }
    }

    private static void RunObserved(string predictor, PredictorRun run, int samples, bool isInPlace, CancellationToken cancellationToken)
    {
        using var activity = Activities.StartActivity("predict " + predictor);
        activity?.SetTag(PredictorTag, predictor).SetTag("modelcompiler.samples", samples);
        var tags = new TagList { { PredictorTag, predictor } };
        long start = Stopwatch.GetTimestamp();
        try
        {
            run.Run(isInPlace, cancellationToken);
            Samples.Record(samples, tags);
        }
        catch (Exception e)
        {
            string error = e is ModelCompilerException { Code: var code } ? code : e.GetType().FullName!;
            tags.Add(ErrorTag, error);
            activity?.SetTag(ErrorTag, error).SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
        finally
        {
            Duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
        }
    }
}
