using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization.Dense;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// Looks whether integers whose ranges are measured at each run slow a model down, in turns with its float32 self. Where they do, the products with the fewest weights, which gain
/// least, go back to float first.
/// </summary>
/// <param name="job">What is compiled.</param>
/// <param name="inFloat">The model in floating point, as it would ship.</param>
/// <param name="samples">What it is timed on.</param>
internal sealed class DynamicPlacement(CompilationJob job, Model inFloat, SampleSet samples) : IDisposable
{
    /// <summary>At how many sizes the products are divided.</summary>
    private const int Cuts = 3;

    private const double SecondsPerModel = 0.2;

    private readonly ModelImage _float = ModelImage.Of(inFloat);
    private readonly List<SampleBatch> _batches = PlacementSearch.Batches(samples, job.Cancellation);

    /// <summary>The smallest ratio that was measured to the model in floating point.</summary>
    public double LowestRatio { get; private set; } = double.PositiveInfinity;

    /// <summary>The names of the layers that are faster in float; null where nothing on integers is as fast as floating point.</summary>
    /// <param name="whole">Everything on integers.</param>
    /// <param name="build">Compiles with these layers in float; disposed of here.</param>
    public IReadOnlySet<string>? Slow(CompiledModel whole, Func<IReadOnlySet<string>, CompiledModel> build)
    {
        job.Progress?.Report("looking for what integers slow down");
        if (!IsSlower(whole)) return new HashSet<string>();
        IReadOnlySet<string>[] choices = [.. Choices(inFloat.Graph)];
        CompiledModel[] candidates = [.. choices.Select(build)];
        try
        {
            // The whole once more: what a busy machine did during one measurement is no reason.
            double[] ratios = Ratios(_batches[0], [whole, .. candidates], new LatencyBudget(default) { Gain = PlacedCandidate.LargestWorthwhileRatio });
            for (int i = 0; i < choices.Length; i++) job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"ranges of each run, {choices[i].Count} products in float: {ratios[i + 1]:F2} of the time in float32"));
            int best = Array.IndexOf(ratios, ratios.Min());
            if (ratios[0] <= PlacedCandidate.LargestWorstRatio && ratios[0] <= ratios[best] / PlacedCandidate.LargestWorthwhileRatio && HoldsForSeveral(whole)) return new HashSet<string>();
            return best > 0 && ratios[best] <= PlacedCandidate.LargestWorthwhileRatio && HoldsForSeveral(candidates[best - 1]) ? choices[best - 1] : null;
        }
        finally
        {
            foreach (CompiledModel candidate in candidates) candidate.Image.Dispose();
        }
    }

    /// <summary>Whether a model takes more time than in floating point, for one sample or for several.</summary>
    public bool IsSlower(CompiledModel compiled)
    {
        double ratio = Ratio(_batches[0], compiled, PlacedCandidate.LargestWorstRatio);
        job.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"ranges of each run: {ratio:F2} of the time in float32"));
        return ratio > PlacedCandidate.LargestWorstRatio || (ratio > PlacedCandidate.ClearRatio && !HoldsForSeveral(compiled));
    }

    public void Dispose() => _float.Dispose();

    /// <summary>Ever more products in float, those with the fewest weights first.</summary>
    private IEnumerable<IReadOnlySet<string>> Choices(Graph graph)
    {
        HashSet<string> layers = [.. DynamicQuantization.Layers(graph)];
        (string Name, long Weights)[] products = [.. DenseProduct.AllIn(graph).Where(product => layers.Contains(product.Name)).Select(product => (product.Name, (long)product.Depth * product.Columns))];
        long[] sizes = [.. products.Select(product => product.Weights).Distinct().Order()];
        IEnumerable<int> cuts = Enumerable.Range(1, Cuts).Select(cut => cut * sizes.Length / (Cuts + 1)).Where(cut => cut > 0).Distinct();
        foreach (int cut in cuts) yield return products.Where(product => product.Weights < sizes[cut]).Select(product => product.Name).ToHashSet();
        if (sizes.Length > 0 && UncalibratedLayers.Of(graph, job.Options.Target).Any()) yield return layers;
    }

    private bool HoldsForSeveral(CompiledModel compiled) => _batches.Count < 2 || Ratio(_batches[1], compiled, PlacementSearch.LargestRatioOfMany) <= PlacementSearch.LargestRatioOfMany;

    private double Ratio(SampleBatch batch, CompiledModel compiled, double limit) => Ratios(batch, [compiled], new LatencyBudget(default) { Limit = limit })[0];

    private double[] Ratios(SampleBatch batch, IReadOnlyList<CompiledModel> models, LatencyBudget asked)
    {
        var sessions = new List<InferenceSession>();
        try
        {
            sessions.Add(_float.Open());
            foreach (CompiledModel model in models) sessions.Add(model.Image.Open());
            LatencyBudget budget = LatencyBudget.Within(TimeSpan.FromSeconds(SecondsPerModel * sessions.Count)) with { Limit = asked.Limit, Gain = asked.Gain };
            double[] ratios = [.. LatencyComparison.Measure([.. sessions.Select(session => (session, batch.Inputs))], budget, isSingleThreaded: true, job.Cancellation).Figures.Skip(1).Select(figure => figure.Ratio)];
            LowestRatio = Math.Min(LowestRatio, ratios.Min());
            return ratios;
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }
}
