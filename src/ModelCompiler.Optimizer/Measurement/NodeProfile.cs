using System.Text.Json;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>Time of one node of the graph that ONNX Runtime really runs, after its own fusions.</summary>
/// <param name="Name">The node's name; ONNX Runtime makes one up for a node that has none.</param>
/// <param name="Operator">The operator that runs: <c>QLinearConv</c> where a convolution was fused with its conversions.</param>
/// <param name="Provider">The execution provider, as ONNX Runtime names it.</param>
/// <param name="MedianMs">Milliseconds in one run of the model, the median over the runs. A node in a loop counts all its turns.</param>
public sealed record NodeTime(string Name, string Operator, string Provider, double MedianMs);

/// <summary>Where the time of a run goes, node by node, as ONNX Runtime's own profiler counts it.</summary>
/// <param name="RunMs">Milliseconds of one run with the profiler on, the median over the runs.</param>
/// <param name="Runs">Runs that were counted.</param>
/// <param name="Nodes">The slowest first.</param>
public sealed record NodeProfile(double RunMs, int Runs, IReadOnlyList<NodeTime> Nodes)
{
    /// <summary>Runs before those that count: memory is planned and caches are filled in them.</summary>
    private const int WarmUps = 3;

    private const string NodeSuffix = "_kernel_time";

    /// <summary>Runs a model with the profiler on.</summary>
    /// <param name="open">Opens the model with these options.</param>
    /// <param name="options">How it is to run.</param>
    /// <param name="inputs">Inputs for the session that was opened.</param>
    /// <param name="runs">Runs to count, at least one.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    /// <exception cref="OnnxRuntimeException">The model is refused, or a run failed.</exception>
    public static NodeProfile Measure(
        Func<SessionOptions, InferenceSession> open,
        SessionOptions options,
        Func<InferenceSession, IReadOnlyList<(string Name, TensorBuffer Value)>> inputs,
        int runs,
        CancellationToken cancellationToken = default) => InTurns([open], options, inputs, turns: 1, runs, cancellationToken)[0][0];

    /// <summary>Runs several models with the profiler on, in turns: what a machine is doing during one turn only is laid on every node of one profile.</summary>
    /// <param name="models">Opens each model with these options.</param>
    /// <param name="options">How they are to run.</param>
    /// <param name="inputs">Inputs for a session that was opened.</param>
    /// <param name="turns">How often it is each model's turn.</param>
    /// <param name="runs">Runs to count in a turn, at least one.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    /// <returns>A profile of each model's turns, by model.</returns>
    /// <exception cref="OnnxRuntimeException">A model is refused, or a run failed.</exception>
    internal static IReadOnlyList<NodeProfile[]> InTurns(
        IReadOnlyList<Func<SessionOptions, InferenceSession>> models,
        SessionOptions options,
        Func<InferenceSession, IReadOnlyList<(string Name, TensorBuffer Value)>> inputs,
        int turns,
        int runs,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        using var folder = new ScratchFolder();
        var sessions = new List<InferenceSession>();
        var timed = new List<TimedModel>();
        try
        {
            foreach (Func<SessionOptions, InferenceSession> open in models)
            {
                sessions.Add(open(options with { ProfilingPrefix = folder.PathOf($"profile-{sessions.Count}") }));
                timed.Add(new TimedModel(sessions[^1], inputs(sessions[^1])));
            }
            for (int turn = 0; turn < turns; turn++)
            {
                foreach (TimedModel model in timed)
                {
                    for (int run = 0; run < WarmUps + runs; run++)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        model.Run();
                    }
                }
            }
            string[] traces = [.. sessions.Select(session => session.EndProfiling())];
            Close();
            return [.. traces.Select(trace => Read(File.ReadAllBytes(trace), WarmUps + runs))];
        }
        finally
        {
            Close();
        }

        // A trace takes as much memory as a small model: one after the other.
        void Close()
        {
            timed.ForEach(model => model.Dispose());
            sessions.ForEach(session => session.Dispose());
            timed.Clear();
            sessions.Clear();
        }
    }

    /// <summary>Reads ONNX Runtime's trace: an array of events with a start (<c>ts</c>) and a length (<c>dur</c>) in microseconds.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="runsPerTurn">Runs of each turn, those before it counts included.</param>
    private static NodeProfile[] Read(ReadOnlySpan<byte> trace, int runsPerTurn)
    {
        var runs = new List<(long Start, double Ms)>();
        var kernels = new Dictionary<(string Name, string Operator, string Provider), List<(long Start, double Ms)>>();
        var json = new Utf8JsonReader(trace);
        for (json.Read(); json.Read() && json.TokenType == JsonTokenType.StartObject;)
        {
            TraceEvent e = TraceEvent.Read(ref json);
            if (e.Name == "model_run") runs.Add((e.Start, e.Ms));
            if (e.Category != "Node" || !e.Name.EndsWith(NodeSuffix, StringComparison.Ordinal)) continue;
            var node = (e.Name[..^NodeSuffix.Length], e.Operator, e.Provider);
            if (!kernels.TryGetValue(node, out var all)) kernels.Add(node, all = []);
            all.Add((e.Start, e.Ms));
        }
        runs.Sort();
        long[] starts = [.. runs.Select(run => run.Start)];
        return [.. Enumerable.Range(0, runs.Count / runsPerTurn).Select(turn => Profile((turn * runsPerTurn + WarmUps)..((turn + 1) * runsPerTurn)))];

        NodeProfile Profile(Range counted)
        {
            IEnumerable<NodeTime> nodes = kernels.Select(pair => new NodeTime(pair.Key.Name, pair.Key.Operator, pair.Key.Provider, Median(PerRun(pair.Value)[counted])));
            double[] milliseconds = [.. runs.Select(run => run.Ms).Take(counted)];
            return new NodeProfile(Median(milliseconds), milliseconds.Length, [.. nodes.OrderByDescending(node => node.MedianMs).ThenBy(node => node.Name, StringComparer.Ordinal)]);
        }

        double[] PerRun(List<(long Start, double Ms)> times)
        {
            var perRun = new double[starts.Length];
            foreach (var (start, ms) in times)
            {
                int found = Array.BinarySearch(starts, start), run = found >= 0 ? found : ~found - 1;
                if (run >= 0) perRun[run] += ms;
            }
            return perRun;
        }
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        int middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>What is read of an event; one at a time, as a trace has many thousands.</summary>
    private readonly record struct TraceEvent(string Category, string Name, string Operator, string Provider, long Start, double Ms)
    {
        /// <summary>Reads on to the end of an object that began.</summary>
        public static TraceEvent Read(ref Utf8JsonReader json)
        {
            var e = new TraceEvent("", "", "", "", 0, 0);
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string name = json.GetString()!;
                json.Read();
                switch (name)
                {
                    case "cat": e = e with { Category = json.GetString()! }; break;
                    case "name": e = e with { Name = json.GetString()! }; break;
                    case "ts": e = e with { Start = json.GetInt64() }; break;
                    case "dur": e = e with { Ms = json.GetDouble() / 1000 }; break;
                    case "args":
                        TraceEvent arguments = Read(ref json);
                        e = e with { Operator = arguments.Operator, Provider = arguments.Provider };
                        break;
                    case "op_name": e = e with { Operator = json.GetString()! }; break;
                    case "provider": e = e with { Provider = json.GetString()! }; break;
                    default: json.Skip(); break;
                }
            }
            return e;
        }
    }
}
