using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using ModelCompiler.Runtime;

namespace ImageServer;

/// <summary>The meter of the predictors in the text format of Prometheus: histograms with their buckets, and what goes up and down.</summary>
internal sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly double[] Seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
    private static readonly double[] Counts = [1, 2, 4, 8, 16, 32, 64];

    private readonly Dictionary<(Instrument Instrument, string Labels), Series> _series = [];
    private readonly MeterListener _listener = new();

    public PrometheusText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == PredictorTelemetry.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    public override string ToString()
    {
        var text = new StringBuilder();
        lock (_series)
        {
            foreach (var family in _series.GroupBy(series => series.Key.Instrument).OrderBy(family => family.Key.Name, StringComparer.Ordinal))
            {
                Write(text, family.Key, family.Select(series => (series.Key.Labels, series.Value)));
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, Instrument instrument, IEnumerable<(string Labels, Series Series)> family)
    {
        string name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
        bool isHistogram = IsHistogram(instrument);
        text.Append("# HELP ").Append(name).Append(' ').Append(instrument.Description).Append('\n');
        text.Append("# TYPE ").Append(name).Append(isHistogram ? " histogram\n" : " gauge\n");
        foreach (var (labels, series) in family)
        {
            if (!isHistogram)
            {
                Line(text, name, labels, series.Sum);
                continue;
            }

            for (int i = 0; i < series.Bounds.Length; i++)
            {
                Line(text, name + "_bucket", Join(labels, "le", series.Bounds[i].ToString(CultureInfo.InvariantCulture)), series.Below[i]);
            }

            Line(text, name + "_bucket", Join(labels, "le", "+Inf"), series.Count);
            Line(text, name + "_sum", labels, series.Sum);
            Line(text, name + "_count", labels, series.Count);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append('{').Append(labels).Append("} ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = "";
        foreach (var (key, tag) in tags)
        {
            labels = Join(labels, key.Replace('.', '_'), tag?.ToString() ?? "");
        }

        lock (_series)
        {
            if (!_series.TryGetValue((instrument, labels), out var series))
            {
                series = new Series(IsHistogram(instrument) ? instrument.Unit == "s" ? Seconds : Counts : []);
                _series.Add((instrument, labels), series);
            }

            series.Add(value);
        }
    }

    private static bool IsHistogram(Instrument instrument) => instrument is Histogram<double> or Histogram<int>;

    private static string Join(string labels, string name, string value)
    {
        string escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return $"{labels}{(labels.Length > 0 ? "," : "")}{name}=\"{escaped}\"";
    }

    /// <summary>The measurements of an instrument under one set of labels.</summary>
    private sealed class Series(double[] bounds)
    {
        public double[] Bounds => bounds;

        /// <summary>For each bound, how many measurements were no larger.</summary>
        public long[] Below { get; } = new long[bounds.Length];

        public long Count { get; private set; }

        public double Sum { get; private set; }

        public void Add(double value)
        {
            Count++;
            Sum += value;
            for (int i = 0; i < bounds.Length; i++)
            {
                Below[i] += value <= bounds[i] ? 1 : 0;
            }
        }
    }
}
