using System.Globalization;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>
/// The time of the nodes that multiply (convolutions, products, recurrent layers, attention; on integers or in floating point) over the whole time of the fastest rival: where
/// that alone is above the goal, nothing that is saved around these products reaches it. For one sample on one thread, by ONNX
/// Runtime's profiler; its shares of the time that was measured without it, for it slows small nodes down.
/// </summary>
internal sealed class ProductFloor
{
    /// <summary>Profiles of a model, in turns with those of the other; the least of each node counts.</summary>
    private const int Profiles = 2;

    /// <summary>How long one takes, at most.</summary>
    private const double ProfileMs = 100;

    private readonly string _model;
    private readonly string _line;
    private readonly double _limit, _ratio, _products;

    private ProductFloor(QuantizedModel model, ContestantFigures ours, ContestantFigures rival, double limit)
    {
        (_model, _limit, _ratio) = (model.Name, limit, ours.Times[0] / rival.Times[0]);
        double[] shares = Shares([.. model.Samples.Take(1).Read(1).First().Inputs], ours, rival);
        _products = shares[0] * _ratio;
        _line = string.Create(CultureInfo.InvariantCulture,
            $"{model.Name,-18} {ours.Contestant.Name,-12} {rival.Contestant.Name,-26} {_ratio,7:F2} {_products,9:F2} {_ratio - _products,9:F2} {shares[1],9:F2} {1 - shares[1],9:F2}  {(_products > limit ? "above" : "below")} {limit:F1}");
    }

    /// <summary>The faster of what int8 and the search for the best give, against the rival's fastest, or float32 where that is faster; null without a rival.</summary>
    public static ProductFloor? Of(QuantizedModel model, IReadOnlyList<ContestantFigures> figures)
    {
        ContestantFigures? ours = figures.Where(figure => figure.Contestant.Name is "Int8" or "Auto").MinBy(figure => figure.Times[0]);
        ContestantFigures? peer = figures.Where(figure => figure.Contestant.Name.StartsWith(PeerQuantizer.Prefix, StringComparison.Ordinal)).MinBy(figure => figure.Times[0]);
        if (ours is null || peer is null) return null;
        return peer.Times[0] < 1 ? new ProductFloor(model, ours, peer, PeerVerdict.TimeGoal) : new ProductFloor(model, ours, figures[0], PeerVerdict.NoSlower);
    }

    /// <summary>A line each, and the models that miss the goal of time because of it.</summary>
    public static void Print(IReadOnlyList<ProductFloor> floors)
    {
        if (floors.Count == 0) return;
        Console.WriteLine("\nNodes that multiply and all others, over the rival's whole time (one sample, one thread)");
        Console.WriteLine($"{"model",-18} {"precision",-12} {"rival",-26} {"time",7} {"products",9} {"others",9} {"rival's",9} {"others",9}  products and the goal");
        foreach (ProductFloor floor in floors) Console.WriteLine(floor._line);
        ProductFloor[] missed = [.. floors.Where(floor => floor._ratio > floor._limit)];
        Console.WriteLine($"\ngoal of time missed with products alone above it, whatever is saved around them: {List(missed.Where(floor => floor._products > floor._limit))}");
        Console.WriteLine($"goal of time missed, and not by products alone: {List(missed.Where(floor => floor._products <= floor._limit))}");
    }

    private static string List(IEnumerable<ProductFloor> floors) =>
        string.Join(", ", floors.Select(floor => string.Create(CultureInfo.InvariantCulture, $"{floor._model} ({floor._products:F2} of {floor._ratio:F2})")).DefaultIfEmpty("none"));

    private static double[] Shares(IReadOnlyList<(string, TensorBuffer)> inputs, params IReadOnlyList<ContestantFigures> figures)
    {
        var times = figures.Select(_ => new Dictionary<NodeTime, double>()).ToArray();
        for (int profile = 0; profile < Profiles; profile++)
        {
            for (int i = 0; i < times.Length; i++)
            {
                foreach (NodeTime node in Profile(figures[i], inputs).Nodes)
                {
                    NodeTime key = node with { MedianMs = 0 };
                    times[i][key] = Math.Min(times[i].GetValueOrDefault(key, double.PositiveInfinity), node.MedianMs);
                }
            }
        }
        return [.. times.Select((nodes, i) => Share(nodes, figures[i].Milliseconds))];
    }

    /// <summary>The products' share of the time, when what the profiler adds is taken from all nodes alike.</summary>
    private static double Share(Dictionary<NodeTime, double> nodes, double milliseconds)
    {
        double added = Math.Max(0, (nodes.Values.Sum() - milliseconds) / nodes.Count);
        double Net(double time) => Math.Max(0, time - added);
        return nodes.Where(node => FusedGraph.ComputesWith(node.Key.Operator) is not null).Sum(node => Net(node.Value)) / nodes.Values.Sum(Net);
    }

    private static NodeProfile Profile(ContestantFigures figures, IReadOnlyList<(string, TensorBuffer)> inputs)
    {
        int runs = (int)Math.Clamp(ProfileMs / figures.Milliseconds, 2, 100);
        return NodeProfile.Measure(options => InferenceSession.Open(figures.Contestant.Path, options), new SessionOptions { IntraOpThreads = 1 }, _ => inputs, runs);
    }
}
