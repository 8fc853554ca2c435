using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

public class PredictorTelemetryTests
{
    [Fact]
    public void Those_who_listen_hear_of_runs_and_of_their_failures()
    {
        var (values, activities) = (new List<string>(), new List<string>());
        // Other tests run meanwhile: only runs under this activity count.
        using var mine = new Activity("test").Start();
        using var metrics = new MeterListener { InstrumentPublished = (instrument, listener) => Listen(instrument, listener) };
        metrics.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(values, $"{instrument.Name} {value > 0}", tags));
        metrics.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(values, $"{instrument.Name} {value}", tags));
        metrics.Start();
        using var traces = new ActivityListener
        {
            ShouldListenTo = source => source.Name == PredictorTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId == mine.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = activity => activities.Add($"{activity.DisplayName} {activity.Status}"),
        };
        ActivitySource.AddActivityListener(traces);
        using var predictor = new TestPredictor(TestPredictor.Describe(
            TestModels.MatMul(1), [new TensorSpec("x", TensorElementType.Float32, [1, 4])], [new TensorSpec("y", TensorElementType.Float32, [1, 3])]));

        predictor.Predict([1, 0, 0, 0]);
        Assert.Throws<TensorMismatchException>(() => RunEmpty(predictor));

        Assert.Equal(
            ["modelcompiler.run.samples 1 modelcompiler.predictor=TestPredictor", "modelcompiler.run.duration True modelcompiler.predictor=TestPredictor", "modelcompiler.run.duration True modelcompiler.predictor=TestPredictor error.type=OM5030"],
            values);
        Assert.Equal(["predict TestPredictor Unset", "predict TestPredictor Error"], activities);
    }

    /// <summary>A collector that knows no better has its first bucket end at 5, seconds or samples.</summary>
    [Fact]
    public void Histograms_say_which_buckets_tell_runs_apart()
    {
        RuntimeHelpers.RunClassConstructor(typeof(PredictorTelemetry).TypeHandle);
        var instruments = new List<Instrument>();
        using var metrics = new MeterListener { InstrumentPublished = (instrument, _) => instruments.Add(instrument) };
        metrics.Start();

        var duration = instruments.OfType<Histogram<double>>().Single(instrument => instrument.Name == "modelcompiler.run.duration");
        var samples = instruments.OfType<Histogram<int>>().Single(instrument => instrument.Name == "modelcompiler.run.samples");
        Assert.Equal((0.00005, 10), (duration.Advice!.HistogramBucketBoundaries![0], duration.Advice.HistogramBucketBoundaries[^1]));
        Assert.Equal((1, 256), (samples.Advice!.HistogramBucketBoundaries![0], samples.Advice.HistogramBucketBoundaries[^1]));
    }

    private static void RunEmpty(TestPredictor predictor)
    {
        using var call = predictor.Start();
        call.Run();
    }

    private static void Listen(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name == PredictorTelemetry.Name)
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static void Note(List<string> values, string value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Activity.Current is not null)
        {
            values.Add(string.Join(" ", [value, .. tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")]));
        }
    }
}
