using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization.Rounding;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>Quantizes copies of a float model by different recipes, all from one calibration.</summary>
internal sealed class Int8Builder
{
    private readonly Model _model, _observed;
    private readonly TargetProfile _target;
    private readonly Dictionary<string, Histogram> _histograms;
    private readonly string[] _counted;
    private int _sampleCount;
    private readonly IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> _samples;
    private readonly CancellationToken _cancellation;
    private readonly ProductQuantizer _nearest, _leastSquares;
    private (IReadOnlyDictionary<string, InputGram> Of, HashSet<string> OnIntegers)? _grams;
    private readonly Dictionary<string, RangeMethod> _perTensor = [];
    private readonly bool _isMadeUp;
    private RangeCoverage? _coverage;
    private HashSet<string> _onIntegers = [];

    /// <summary>Calibrates: runs the model once on each sample, or on the first.</summary>
    /// <param name="model">The model, prepared for quantization.</param>
    /// <param name="target">What it is laid out for.</param>
    /// <param name="samples">Inputs by name.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    /// <param name="observed">A model of the same tensors to observe them in; null for the model itself.</param>
    /// <param name="isMadeUp">Whether the samples tell nothing of how far others go.</param>
    /// <param name="first">How many samples are enough until <see cref="Complete"/>.</param>
    public Int8Builder(
        Model model,
        TargetProfile target,
        IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples,
        CancellationToken cancellationToken,
        Model? observed = null,
        bool isMadeUp = false,
        int first = int.MaxValue)
        : this(model, target, samples, [], observed ?? model, isMadeUp, first, cancellationToken)
    {
    }

    private Int8Builder(
        Model model,
        TargetProfile target,
        IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples,
        Dictionary<string, Histogram> known,
        Model observed,
        bool isMadeUp,
        int first,
        CancellationToken cancellationToken)
    {
        (_model, _observed) = (model, observed);
        _target = target;
        _samples = samples;
        _isMadeUp = isMadeUp;
        _cancellation = cancellationToken;
        AsRows(model, target);
        if (!ReferenceEquals(observed, model)) AsRows(observed, target);
        _nearest = new ProductQuantizer(target);
        _leastSquares = new ProductQuantizer(target, () => Grams);
        NodeNames.MakeUnique(model.Graph);
        HashSet<string> unknown = [.. ObservableValues(model.Graph, target).Select(value => value.Name).Where(name => !known.ContainsKey(name))];
        _counted = [.. observed.Graph.Values().Select(value => value.Name).Where(unknown.Contains)];
        _histograms = known;
        foreach (string name in _counted) _histograms.Add(name, new Histogram());
        Observe(samples.Take(first));
        IsComplete = _sampleCount < first;
        (Plan, Products) = PlanOf();
    }

    /// <summary>Whether all samples have been observed.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Observes the samples that are left. Gives whether what was planned holds: tensors of these may not fit where those of the first did, or go far beyond them.</summary>
    public bool Complete()
    {
        if (IsComplete) return true;
        HashSet<Node> before = [.. Plan.Forms.Keys];
        Observe(_samples.Skip(_sampleCount));
        IsComplete = true;
        (Plan, Products) = PlanOf();
        return before.SetEquals(Plan.Forms.Keys);
    }

    private void Observe(IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples)
    {
        ActivationCalibrator.Observe(_observed, _counted.ToDictionary(name => name, name => _histograms[name]), samples.Select(Counted), _cancellation);

        T Counted<T>(T sample)
        {
            _sampleCount++;
            return sample;
        }
    }

    /// <summary>Everything that can run on integers, by what has been observed so far.</summary>
    private (QuantizationPlan Plan, IReadOnlyList<string> Products) PlanOf()
    {
        _coverage = _isMadeUp ? null : new RangeCoverage(Relevant);
        QuantizationPlan plan = PlanWithout(Unfit(_model), _model.Graph);
        return (plan,
        [
            .. plan.Forms.Where(form => form.Value == IntegerForm.Compute).Select(form => form.Key.Outputs[0].Name),
            .. UncalibratedLayers.Of(_model.Graph, _target),
        ]);
    }

    /// <summary>A builder for a copy of the model in which some tensors have other elements: only these are observed anew.</summary>
    /// <param name="model">The copy.</param>
    /// <param name="changed">The tensors.</param>
    /// <param name="first">How many samples are enough until <see cref="Complete"/>.</param>
    public Int8Builder ForCopy(Model model, IReadOnlySet<string> changed, int first = int.MaxValue)
    {
        AsRows(model, _target);
        HashSet<string> all = [.. changed];
        foreach (Node reshape in model.Graph.Nodes.Where(node => node.Is("Reshape")))
            if (all.Contains(reshape.Inputs[0]!.Name) || all.Contains(reshape.Outputs[0].Name)) all.UnionWith([reshape.Inputs[0]!.Name, reshape.Outputs[0].Name]);
        return new(model, _target, _samples, _histograms.Where(pair => !all.Contains(pair.Key)).ToDictionary(), model, _isMadeUp, first, _cancellation);
    }

    /// <summary>The model in floating point; its nodes have names, each its own, and quantized copies keep them.</summary>
    public Model Model => _model;

    private static void AsRows(Model model, TargetProfile target) => PassPipeline.Rows.Run(new PassContext(model, target));

    /// <summary>Everything in <see cref="Model"/> that can run on integers.</summary>
    public QuantizationPlan Plan { get; private set; }

    /// <summary>The products that can run on integers, by the name of their output, in the order of the graph; then the layers that need no calibration.</summary>
    public IReadOnlyList<string> Products { get; private set; }

    /// <summary>What is to be said of tensors that the samples tell too little of.</summary>
    public IReadOnlyList<(string Code, string Message)> Warnings => _coverage?.Warnings(_sampleCount) ?? [];

    /// <summary>What everything is laid out for.</summary>
    public TargetProfile Target => _target;

    /// <summary>How many elements a tensor has in one sample, on average; 0 where nothing was observed.</summary>
    public double ElementsPerSample(Value value) =>
        _histograms.TryGetValue(value.Name, out Histogram? histogram) || _histograms.TryGetValue(Plan.Outgoing(value).Name, out histogram) ? (double)histogram.Count / _sampleCount : 0;

    /// <summary>Quantizes a copy.</summary>
    public Int8Candidate Build(Int8Recipe recipe)
    {
        Model model = _model.Clone();
        HashSet<Node> inFloat = Unfit(model);
        HashSet<string> named = [.. recipe.InFloat];
        HashSet<string> onTiles = [];
        foreach (Node node in model.Graph.Nodes)
        {
            if (named.Contains(node.Outputs[0].Name)) inFloat.Add(node);
            else if (recipe.OnTiles.Contains(node.Outputs[0].Name)) onTiles.Add(node.Name);
        }
        QuantizationPlan plan = PlanWithout(inFloat, model.Graph);
        _onIntegers = [.. plan.Forms.Keys.Select(node => node.Outputs[0].Name)];
        if (recipe.Ranges == RangeMethod.PerTensor) ChooseRanges(plan);
        Dictionary<Value, ValueRange> ranges = Ranges(plan, _histograms, root => MethodFor(root, recipe.Ranges));
        _coverage?.Widen(ranges);
        var context = new PassContext(model, _target);
        ProductQuantizer products = recipe.LeastSquares ? _leastSquares : _nearest;
        products.Restart();
        var quantization = new StaticQuantization(plan, ranges) { Products = products };
        PassPipeline.Quantization(quantization, onTiles, [new MaskFloor(Observed), .. UncalibratedLayers.Passes(_target, named)]).Run(context);
        // They are several times the weights, and what was rounded is kept.
        if (!ModelImage.IsHeldAt(OnnxWriter.WeightBytes(_model))) _grams = null;
        return new Int8Candidate(recipe, model, OnnxWriter.ToBytes(model), context.Events, Warnings);
    }

    /// <summary>Plans for these nodes in floating point, and for those that would hold what no range serves.</summary>
    private QuantizationPlan PlanWithout(HashSet<Node> inFloat, Graph graph)
    {
        while (true)
        {
            QuantizationPlan plan = QuantizationPlanner.Plan(graph, _target, inFloat);
            ObserveMissing(plan);
            int count = inFloat.Count;
            // What is put back has others read in floating point what they read on integers.
            if (_coverage is not null) inFloat.UnionWith(_coverage.Uncovered(graph, plan));
            if (inFloat.Count == count) return plan;
        }
    }

    private Histogram Relevant(Value value) => _histograms[value.Name].Clamped(RelevantRange.Of(value));

    /// <summary>The range of each value that a plan quantizes, out of what was observed by name: none of it is spent on numbers that no reader tells apart.</summary>
    public static Dictionary<Value, ValueRange> Ranges(QuantizationPlan plan, IReadOnlyDictionary<string, Histogram> histograms, Func<Value, RangeMethod> method) => plan.Roots().ToDictionary(root => root, root =>
    {
        ValueRange relevant = RelevantRange.Of(root), range = RangeEstimator.Estimate(histograms[root.Name].Clamped(relevant), method(root));
        return new ValueRange(Math.Max(range.Min, Math.Min(relevant.Min, 0)), Math.Min(range.Max, Math.Max(relevant.Max, 0)));
    });

    private RangeMethod MethodFor(Value root, RangeMethod method) => method switch
    {
        RangeMethod.PerTensor => _perTensor[root.Name],
        // What comes in is as it is, and a gate keeps to its limits.
        RangeMethod.Doubled when root.Producer is not { } producer || producer.Is("Sigmoid") || Clamp.Of(producer) is { Max: < float.PositiveInfinity } => RangeMethod.MinMax,
        _ => method,
    };

    /// <summary>Measures the method for each tensor that a plan quantizes and none before it did.</summary>
    private void ChooseRanges(QuantizationPlan plan)
    {
        HashSet<string> open = [.. plan.Roots().Select(root => root.Name).Where(name => !_perTensor.ContainsKey(name))];
        if (open.Count == 0) return;
        Dictionary<string, RangeMethod> chosen = RangeChoice.Of(
            _model,
            [.. _model.Graph.Values().Where(value => open.Contains(value.Name)).Select(value => (value, _histograms[value.Name].Clamped(RelevantRange.Of(value))))],
            range => _target.Layout.IsSymmetric ? QuantizationParameters.Symmetric(range) : QuantizationParameters.Asymmetric(range, ElementType.UInt8),
            _samples,
            _cancellation);
        foreach ((string name, RangeMethod method) in chosen) _perTensor.Add(name, method);
    }

    /// <summary>What meets the weights of the products that the build quantizes; measured when it asks for it first, or for others.</summary>
    private IReadOnlyDictionary<string, InputGram> Grams
    {
        get
        {
            if (_grams is { } known && (ReferenceEquals(known.OnIntegers, _onIntegers) || known.OnIntegers.SetEquals(_onIntegers))) return known.Of;
            IEnumerable<Node> products = Plan.Forms.Where(form => form.Value == IntegerForm.Compute && _onIntegers.Contains(form.Key.Outputs[0].Name)).Select(form => form.Key);
            _grams = (GramCalibration.Measure(_model, products, _samples, _cancellation), _onIntegers);
            return _grams.Value.Of;
        }
    }

    /// <summary>Runs the samples once more where a recipe divides a product from the clamp behind it, which hardly one does.</summary>
    private void ObserveMissing(QuantizationPlan plan)
    {
        HashSet<string> missing = [.. plan.Roots().Select(root => root.Name).Where(name => !_histograms.ContainsKey(name))];
        if (missing.Count == 0) return;
        foreach ((string name, Histogram histogram) in ActivationCalibrator.Observe(_observed, [.. _observed.Graph.Values().Where(value => missing.Contains(value.Name))], _samples, _cancellation))
            _histograms.Add(name, histogram);
    }

    private ValueRange? Observed(Value value) => _histograms.TryGetValue(value.Name, out Histogram? histogram) ? new ValueRange(histogram.Min, histogram.Max) : null;

    /// <summary>
    /// Every tensor next to a node that some recipe may quantize, and scores that are masked; but not those before a clamp that saturation replaces, which are never quantized
    /// while it is there: to look at them takes as long again, and keeps ONNX Runtime from fusing the two.
    /// </summary>
    private static List<Value> ObservableValues(Graph graph, TargetProfile target)
    {
        List<Value> values = [.. MaskFloor.Scores(graph)];
        HashSet<Value> seen = [.. values];
        QuantizationPlan plan = QuantizationPlanner.Plan(graph, target);
        foreach (Node node in plan.Forms.Keys)
        {
            for (int i = 0; i < node.Inputs.Length; i++)
                if (QuantizationPlanner.IsActivation(node, i) && seen.Add(node.Inputs[i]!)) values.Add(node.Inputs[i]!);
            foreach (Value output in node.Outputs)
                if (seen.Add(output)) values.Add(output);
        }
        values.RemoveAll(value => plan.AbsorbedClamp(value) is not null);
        return values;
    }

    /// <summary>Nodes whose tensors held NaN or infinity on the samples, which 8 bits have not, or more than one scale.</summary>
    private HashSet<Node> Unfit(Model model)
    {
        var nodes = new HashSet<Node>();
        foreach (Node node in model.Graph.Nodes)
        {
            if (ScaleMismatch.Has(node, _histograms)) nodes.Add(node);
            foreach (Value? value in node.Inputs)
                if (value is not null && IsNonFinite(value)) nodes.Add(node);
            foreach (Value value in node.Outputs)
                if (IsNonFinite(value)) nodes.Add(node);
        }
        return nodes;
    }

    private bool IsNonFinite(Value value) => _histograms.TryGetValue(value.Name, out Histogram? histogram) && histogram.NonFiniteCount > 0;
}
