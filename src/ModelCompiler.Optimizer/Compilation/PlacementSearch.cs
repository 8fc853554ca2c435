using System.Globalization;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Placement;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>A candidate and the time it takes, relative to the model in floating point: the geometric mean over the batch sizes, and the worst of them.</summary>
internal sealed record PlacedCandidate(Int8Candidate Candidate, double Ratio, double WorstRatio)
{
    /// <summary>A model that gains less than this is not worth the accuracy that it costs, nor surely faster.</summary>
    public const double LargestWorthwhileRatio = 0.97;

    /// <summary>A gain that no noise of a machine hides.</summary>
    public const double ClearRatio = 0.75, ClearWorstRatio = 0.9;

    /// <summary>What is slower for one of the batch sizes does not ship, whatever it gains for the other.</summary>
    public const double LargestWorstRatio = 1;

    /// <summary>Milliseconds of one sample, in floating point and of the candidate.</summary>
    public (double InFloat, double OnIntegers) SingleMs { get; init; }

    public bool IsClearlyFaster => Ratio <= ClearRatio && WorstRatio <= ClearWorstRatio;

    public bool IsWorthwhile => Ratio <= LargestWorthwhileRatio && WorstRatio <= LargestWorstRatio;

    /// <summary>Whether another measurement would say the same of <see cref="IsWorthwhile"/>, as far as this one tells.</summary>
    public bool IsSure { get; init; }

    /// <summary>Whether ratios at all batch sizes are surely worth it, or one of them surely not.</summary>
    /// <param name="intervals">Where the ratios lie.</param>
    /// <param name="sizes">How many batch sizes there are.</param>
    public static bool IsSureBy(IReadOnlyList<(double Low, double High)> intervals, int sizes) =>
        intervals.Any(interval => interval.Low > LargestWorstRatio)
        || (intervals.Count == sizes && new PlacedCandidate(null!, Mean(intervals.Select(interval => interval.High)), intervals.Max(interval => interval.High)).IsWorthwhile);

    /// <summary>The largest ratio that is left at a batch size to a candidate that is to be clearly faster, or else worth it.</summary>
    /// <param name="before">Its ratios at the sizes before.</param>
    /// <param name="sizes">How many batch sizes there are.</param>
    /// <param name="clearly">Whether it is to be clearly faster.</param>
    public static double LargestAfter(IReadOnlyList<double> before, int sizes, bool clearly)
    {
        (double mean, double worst) = clearly ? (ClearRatio, ClearWorstRatio) : (LargestWorthwhileRatio, LargestWorstRatio);
        return before.Count < sizes - 1 ? worst : Math.Min(worst, Math.Pow(mean, sizes) / before.Aggregate(1.0, (product, ratio) => product * ratio));
    }

    /// <summary>The geometric mean.</summary>
    public static double Mean(IEnumerable<double> ratios) => Math.Exp(ratios.Average(Math.Log));
}

/// <summary>
/// Looks for the nodes that integers slow down. Profiles of both forms tell the time of each node, a minimum cut divides the graph at several
/// prices of the conversions between the parts, and what comes out is measured in turns with the model in floating point.
/// </summary>
internal sealed class PlacementSearch(Int8Builder builder, ModelImage floatModel, SampleSet samples, IProgress<string>? progress, CancellationToken cancellationToken)
{
    private const int LargeBatch = 8, ManySamples = 32;

    /// <summary>What a run of many samples may take, in floating point, to be tried.</summary>
    private const double LongestManyMs = 250;

    /// <summary>Ratios are measured to two percent.</summary>
    public const double LargestRatioOfMany = 1.02;

    /// <summary>Bytes of inputs in a large batch: of what is large, fewer samples tell as much, in less time and memory.</summary>
    private const long LargeBatchBytes = 1 << 20, ManyBytes = 2 << 20;

    /// <summary>Milliseconds of a run of several samples, where two of them do not take longer: of what takes long, fewer tell as much.</summary>
    private const double LongestSeveralMs = 60;
    private const double MaxProfileSeconds = 0.5;
    private const double SecondsPerModel = 0.2;

    /// <summary>Enough to see whether one is clearly faster.</summary>
    private const double SecondsPerLook = 0.1;

    /// <summary>How many profiles of each model there are, and how many runs each has that count.</summary>
    private const int Profiles = 3, FewestProfiledRuns = 2, MostProfiledRuns = 5;

    // Below that a difference is noise, and the simpler graph with the smaller file wins.
    private const double NoticeableGain = 0.97;

    // The price of a conversion depends on its surroundings: what is fused with it, what is in the cache.
    private static readonly double[] PriceFactors = [0.5, 1.5, 4];

    private readonly List<SampleBatch> _batches = Batches(samples, cancellationToken);

    /// <summary>Milliseconds of a sample in floating point, in the largest batch that was measured last.</summary>
    private double _floatMs;

    /// <summary>How models are timed against each other, on one thread.</summary>
    public Func<IReadOnlyList<(InferenceSession Session, IReadOnlyList<(string Name, TensorBuffer Value)> Inputs)>, LatencyBudget, LatencyResult> Compare { get; init; } =
        (models, budget) => LatencyComparison.Measure(models, budget, isSingleThreaded: true, cancellationToken);

    /// <summary>The candidate and its faster relatives, the fastest first.</summary>
    /// <param name="accurate">Everything on integers that the answers allow.</param>
    /// <param name="isTuning">Whether to look for relatives of a candidate that is clearly faster already.</param>
    public IReadOnlyList<PlacedCandidate> Run(Int8Candidate accurate, bool isTuning)
    {
        // Two sessions are open from here on, one of them of all weights in floating point.
        NativeHeap.TrimAll();
        Int8Candidate whole = WithFloatStem(accurate, builder.Target.Channels?.StemPairs);
        if (builder.Target.TilesRunHere) whole = WithTiles(whole);
        Int8Candidate other = WithFloatStem(whole, builder.Target.Channels?.OpenStemPairs);
        bool hasOther = !ReferenceEquals(other, whole);
        PlacedCandidate faster = Measure(hasOther ? [whole, other] : [whole], SecondsPerLook)[0];
        if (!isTuning && faster.IsClearlyFaster) return [faster];
        List<Int8Candidate> candidates = [faster.Candidate, .. Relatives(faster)];
        return !isTuning && candidates.Count == 1 && faster.IsSure ? [faster] : Measure(candidates);
    }

    /// <summary>Those with more nodes in floating point that may be noticeably faster by the profiles, and no slower than floating point.</summary>
    private IEnumerable<Int8Candidate> Relatives(PlacedCandidate placed)
    {
        Int8Recipe recipe = placed.Candidate.Recipe;
        var (floats, integers) = InTurns((floatModel, placed.SingleMs.InFloat), (placed.Candidate.Image, placed.SingleMs.OnIntegers));
        PlacementSolver[] solvers = [.. PriceFactors.Select(factor => Solver(Least(floats), Least(integers), factor, recipe.KeptInFloat))];
        List<IReadOnlySet<string>> known = [recipe.FasterInFloat];
        foreach (PlacementSolver solver in solvers)
        {
            HashSet<string> slow = [.. solver.InFloat().Select(node => node.Outputs[0].Name).Except(recipe.KeptInFloat), .. recipe.FasterInFloat];
            if (known.Any(slow.SetEquals)) continue;
            known.Add(slow);
            Int8Recipe relative = recipe with { FasterInFloat = slow, OnTiles = recipe.OnTiles.Except(slow).ToHashSet() };
            if (builder.Products.Except(relative.InFloat).Any() && MayGain(relative)) yield return builder.Build(relative);
        }

        // At the price of conversions that it gains most by: how much that is, nobody knows before it is measured.
        bool MayGain(Int8Recipe relative)
        {
            double gainMs = solvers.Max(solver => Microseconds(solver, recipe) - Microseconds(solver, relative)) / 1000, leftMs = placed.SingleMs.OnIntegers - gainMs;
            return leftMs <= NoticeableGain * placed.SingleMs.OnIntegers && leftMs <= PlacedCandidate.LargestWorstRatio * placed.SingleMs.InFloat;
        }

        static double Microseconds(PlacementSolver solver, Int8Recipe recipe)
        {
            HashSet<string> inFloat = [.. recipe.InFloat];
            return solver.Microseconds(node => inFloat.Contains(node.Outputs[0].Name));
        }
    }

    /// <summary>Whether a candidate that is not clearly faster gains when it is measured again, and is no slower for many samples in one run.</summary>
    public bool Holds(PlacedCandidate placed)
    {
        if (placed.IsClearlyFaster) return true;
        Int8Candidate candidate = placed.Candidate;
        using InferenceSession inFloat = floatModel.Open(), onIntegers = candidate.Image.Open();
        return GainsAgain() && HoldsForMany();

        // The best of several measurements is flattered by their noise: it is measured once more, for one sample.
        bool GainsAgain()
        {
            double ratio = Ratio(_batches[0], PlacedCandidate.LargestWorstRatio);
            progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Recipe}: {ratio:F2} of the time in float32, measured again"));
            return ratio <= PlacedCandidate.LargestWorstRatio;
        }

        // Floats gain more by large products than integers do, whose conversions grow with the samples. Not asked of samples that are too large or take too long for that.
        bool HoldsForMany()
        {
            if (_batches.Count < 2 || BytesOf(_batches[0].Inputs) * ManySamples > ManyBytes || _floatMs * ManySamples > LongestManyMs) return true;
            SampleBatch many = samples.Read(ManySamples, cancellationToken).First();
            double ratio = Ratio(many, LargestRatioOfMany);
            progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Recipe}: {ratio:F2} of the time in float32 for {many.Rows} samples"));
            return ratio <= LargestRatioOfMany;
        }

        double Ratio(SampleBatch batch, double limit) =>
            Compare([(inFloat, batch.Inputs), (onIntegers, batch.Inputs)], LatencyBudget.Within(TimeSpan.FromSeconds(2 * SecondsPerModel)) with { Limit = limit }).Figures[1].Ratio;
    }

    /// <summary>The candidate with those convolutions in floating point that are known to be faster so, or may be; nothing is measured, so that noise does not decide.</summary>
    private Int8Candidate WithFloatStem(Int8Candidate candidate, int? pairs)
    {
        if (pairs is not { } most) return candidate;
        HashSet<string> stem = [.. FloatStem.Of(builder.Plan, most).Except(candidate.Recipe.InFloat)];
        if (stem.Count == 0) return candidate;
        return builder.Build(candidate.Recipe with { FasterInFloat = candidate.Recipe.FasterInFloat.Union(stem).ToHashSet(), OnTiles = candidate.Recipe.OnTiles.Except(stem).ToHashSet() });
    }

    /// <summary>The candidate with those convolutions on tiles that profiles show faster there, where the whole is faster so; else itself.</summary>
    private Int8Candidate WithTiles(Int8Candidate candidate)
    {
        Dictionary<string, string> convolutions = builder.Plan.Forms.Keys.Where(node => node.Is("Conv")).ToDictionary(node => node.Outputs[0].Name, node => node.Name);
        foreach (string name in candidate.Recipe.InFloat) convolutions.Remove(name);
        if (convolutions.Count == 0) return candidate;
        Int8Candidate everywhere = builder.Build(candidate.Recipe with { OnTiles = convolutions.Keys.ToHashSet() });
        var (without, with) = InTurns((candidate.Image, Times(candidate.Image)[0]), (everywhere.Image, Times(everywhere.Image)[0]));
        HashSet<string> faster = TileChoice.Faster(convolutions, without, with);
        return faster.Count == 0 ? candidate : Measure([candidate, builder.Build(candidate.Recipe with { OnTiles = faster })])[0].Candidate;
    }

    /// <summary>Candidates by their time, the fastest first.</summary>
    private IReadOnlyList<PlacedCandidate> Measure(List<Int8Candidate> candidates, double seconds = SecondsPerModel)
    {
        List<double>[] ratios = [.. candidates.Select(_ => new List<double>())];
        List<(double, double)>[] intervals = [.. candidates.Select(_ => new List<(double, double)>())];
        var singleMs = new (double, double)[candidates.Count];
        List<InferenceSession> sessions = [floatModel.Open(), .. candidates.Select(candidate => candidate.Image.Open())];
        try
        {
            int[] entered = [.. Enumerable.Range(0, candidates.Count)];
            bool isLook = seconds == SecondsPerLook;
            foreach (SampleBatch batch in _batches)
            {
                if (entered.Length == 0) break;
                // A look also tells which of two it is to go on with: then both have to be measured equally well.
                double? hopeless = isLook && candidates.Count > 1 ? null : entered.Max(i => PlacedCandidate.LargestAfter(ratios[i], _batches.Count, isLook));
                SampleBatch taken = _floatMs * batch.Rows > LongestSeveralMs && batch.Rows > 2 ? Several((int)Math.Max(2, LongestSeveralMs / _floatMs)) : batch;
                IReadOnlyList<(string, TensorBuffer)> inputs = taken.Inputs;
                var budget = LatencyBudget.Within(TimeSpan.FromSeconds(seconds * (1 + entered.Length))) with
                {
                    Hopeless = hopeless,
                    // Of one alone all that is asked is whether it is clearly faster.
                    Limit = isLook ? hopeless : null,
                    Gain = isLook ? null : NoticeableGain,
                };
                LatencyResult result = Compare([(sessions[0], inputs), .. entered.Select(i => (sessions[i + 1], inputs))], budget);
                for (int i = 0; i < entered.Length; i++)
                {
                    ratios[entered[i]].Add(result.Figures[i + 1].Ratio);
                    intervals[entered[i]].Add(result.Figures[i + 1].Interval);
                    if (ratios[entered[i]].Count == 1) singleMs[entered[i]] = (result.Figures[0].MedianMs, result.Figures[i + 1].MedianMs);
                }
                _floatMs = result.Figures[0].MedianMs / taken.Rows;
                entered = [.. entered.Where(i => ratios[i][^1] <= (hopeless ?? PlacedCandidate.LargestWorstRatio))];
            }
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
            // What comes next measures nothing, and wants the memory.
            NativeHeap.Trim();
        }
        PlacedCandidate[] placed = [.. candidates.Select((candidate, i) => new PlacedCandidate(candidate, PlacedCandidate.Mean(ratios[i]), ratios[i].Max()) { SingleMs = singleMs[i], IsSure = PlacedCandidate.IsSureBy(intervals[i], _batches.Count) })];
        foreach (PlacedCandidate candidate in placed)
            progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{candidate.Candidate.Recipe}: {candidate.Ratio:F2} of the time in float32"));
        double first = placed[0].Ratio * NoticeableGain;
        return [.. placed.OrderBy(candidate => candidate == placed[0] ? first : candidate.Ratio)];
    }

    private PlacementSolver Solver(IReadOnlyDictionary<string, double> floats, IReadOnlyDictionary<string, double> integers, double factor, IReadOnlySet<string> kept) => new(
        builder.Plan,
        node => kept.Contains(node.Outputs[0].Name) ? new NodeCost(0, double.PositiveInfinity) : new NodeCost(floats.GetValueOrDefault(node.Name), integers.GetValueOrDefault(node.Name)),
        value => factor * ConversionPrice.Of(builder.ElementsPerSample(value)));

    /// <summary>Several times the microseconds of each node at batch 1, without what the profiler itself takes.</summary>
    /// <param name="a">A model, and what it takes without a profiler.</param>
    /// <param name="b">Another.</param>
    private (IReadOnlyList<IReadOnlyDictionary<string, double>> A, IReadOnlyList<IReadOnlyDictionary<string, double>> B) InTurns((ModelImage Image, double Milliseconds) a, (ModelImage Image, double Milliseconds) b)
    {
        int runs = (int)Math.Clamp(MaxProfileSeconds * 1000 / (a.Milliseconds + b.Milliseconds) / Profiles, FewestProfiledRuns, MostProfiledRuns);
        IReadOnlyList<NodeProfile[]> profiles = NodeProfile.InTurns([options => a.Image.Open(options), options => b.Image.Open(options)], new SessionOptions(), _ => _batches[0].Inputs, Profiles, runs, cancellationToken);
        return (Nodes(profiles[0], a.Milliseconds), Nodes(profiles[1], b.Milliseconds));

        IReadOnlyDictionary<string, double>[] Nodes(NodeProfile[] profiles, double milliseconds) => Array.ConvertAll(profiles, profile =>
        {
            double overhead = (profile.Nodes.Sum(node => node.MedianMs) - milliseconds) / profile.Nodes.Count * 1000;
            return ProfiledNodes.Times(builder.Model.Graph, profile, Math.Max(0, overhead));
        });
    }

    /// <summary>What disturbs a measurement only ever adds to it.</summary>
    private static Dictionary<string, double> Least(IReadOnlyList<IReadOnlyDictionary<string, double>> profiles) =>
        profiles.SelectMany(profile => profile).GroupBy(node => node.Key).ToDictionary(node => node.Key, node => node.Min(time => time.Value));

    /// <summary>Milliseconds of one sample, the models in turns.</summary>
    private double[] Times(params IReadOnlyList<ModelImage> models)
    {
        var sessions = new List<InferenceSession>();
        try
        {
            foreach (ModelImage model in models) sessions.Add(model.Open());
            var budget = LatencyBudget.Within(TimeSpan.FromSeconds(SecondsPerModel * models.Count));
            return [.. Compare([.. sessions.Select(session => (session, _batches[0].Inputs))], budget).Figures.Select(figure => figure.MedianMs)];
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }

    /// <summary>One sample, and several where the model leaves that open.</summary>
    internal static List<SampleBatch> Batches(SampleSet samples, CancellationToken cancellationToken)
    {
        SampleBatch single = samples.Read(1, cancellationToken).First();
        SampleBatch several = samples.Read((int)Math.Clamp(LargeBatchBytes / Math.Max(1, BytesOf(single.Inputs)), 2, LargeBatch), cancellationToken).First();
        return several.Rows > single.Rows ? [single, several] : [single];
    }

    private SampleBatch Several(int rows) => samples.Read(rows, cancellationToken).First();

    private static long BytesOf(IReadOnlyList<(string Name, TensorBuffer Value)> inputs) => inputs.Sum(input => input.Value.Length * sizeof(float));
}
