using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Keeps from integers what will go far beyond the samples, and widens the ranges of what goes a little beyond (<see cref="RangeTrust"/>).</summary>
/// <param name="histogramOf">What was observed of a value, as far as its readers tell it apart.</param>
internal sealed class RangeCoverage(Func<Value, Histogram> histogramOf)
{
    private const int Named = 3;

    private readonly Dictionary<string, double?> _factors = [];

    /// <summary>The values that no range serves, by name.</summary>
    private readonly HashSet<string> _uncovered = [];

    /// <summary>The nodes on integers that would hold what no range serves, or what grows with it.</summary>
    /// <param name="graph">The graph, or a copy of the one before.</param>
    /// <param name="plan">What is on integers.</param>
    public IEnumerable<Node> Uncovered(Graph graph, QuantizationPlan plan)
    {
        IReadOnlyList<Value> roots = plan.Roots();
        _uncovered.UnionWith(roots.Where(root => FactorOf(root) is null).Select(root => root.Name));
        if (_uncovered.Count == 0) yield break;
        HashSet<Value> growing = GrowingValues.With(graph, _uncovered);
        foreach (Value root in roots.Where(growing.Contains))
        {
            foreach (Use use in root.Uses)
                if (plan.FormOf(use.Node) != IntegerForm.None && QuantizationPlanner.IsActivation(use.Node, use.Index)) yield return use.Node;
            // Products that may hand on floats do so where nothing on integers reads them.
            if (root.Producer is { } producer && plan.FormOf(producer) != IntegerForm.None && !plan.MayHaveFloatOutput(producer)) yield return producer;
        }
    }

    /// <summary>Widens those of the ranges that the samples do not quite cover.</summary>
    public void Widen(Dictionary<Value, ValueRange> ranges)
    {
        foreach (Value root in ranges.Keys)
        {
            if (FactorOf(root) is not { } factor || factor <= 1) continue;
            ValueRange relevant = RelevantRange.Of(root), all = RangeEstimator.Estimate(histogramOf(root), RangeMethod.MinMax);
            ranges[root] = new ValueRange((float)Math.Max(factor * all.Min, Math.Min(relevant.Min, 0)), (float)Math.Min(factor * all.Max, Math.Max(relevant.Max, 0)));
        }
    }

    /// <summary>What is to be said of the values that no range serves.</summary>
    /// <param name="samples">How many were observed.</param>
    public IReadOnlyList<(string Code, string Message)> Warnings(int samples)
    {
        if (_uncovered.Count == 0) return [];
        string named = string.Join(", ", _uncovered.Take(Named).Select(name => $"'{name}'"));
        if (_uncovered.Count > Named) named += $" and {_uncovered.Count - Named} more";
        return [(DiagnosticTable.RangesNotCovered.Id, DiagnosticTable.RangesNotCovered.Text(samples, named))];
    }

    private double? FactorOf(Value value)
    {
        if (!_factors.TryGetValue(value.Name, out double? factor)) _factors.Add(value.Name, factor = RangeTrust.Widening(histogramOf(value)));
        return factor;
    }
}
