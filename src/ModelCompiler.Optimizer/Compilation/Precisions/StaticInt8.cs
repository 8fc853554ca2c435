using System.Collections.Frozen;
using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Targets;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// Weights and activations in 8 bits, ranges measured on the calibration samples; what integers slow down stays in floating point, and where
/// that is everything, so does the model.
/// </summary>
internal sealed class StaticInt8 : IPrecisionMethod
{
    /// <summary>Operator set that DequantizeLinear needs for a scale per channel (13), and Reshape for sizes of zero.</summary>
    private const long QuantizationOpset = 14;

    private static readonly FrozenSet<string> QuantizedOperators = FrozenSet.ToFrozenSet(
        ["DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear", "QGemm", "MatMulNBits", "MatMulIntegerToFloat", "DynamicQuantizeMatMul"]);

    public PassPipeline Preparation => PassPipeline.BeforeQuantization;

    public CompiledModel Compile(CompilationJob job)
    {
        job.RaiseOpset(QuantizationOpset, Preparation);
        if (job.Options.Plan is null or { StaysInFloat: true } && NothingToQuantize(job) is { } asItIs) return asItIs;
        // Labelled samples are for the accuracy: one that is measured on what it was calibrated on would flatter.
        if ((job.Samples ?? job.MadeUp) is not { } samples) throw MissingSamples.Error(job.Model, DiagnosticTable.CalibrationMissing);
        var search = new Int8Search(job, samples);
        CompiledModel compiled = StoredAsGiven(job, job.Options.Plan is { } plan ? CarryOut(plan, job, search) : Search(job, samples, search));
        bool hasRanges = !compiled.Plan.StaysInFloat;
        if (!job.Options.Target.RunsHere) compiled = compiled with { Warnings = [.. compiled.Warnings, (DiagnosticTable.SpeedNotMeasured.Id, DiagnosticTable.SpeedNotMeasured.Text(job.Options.Target.Name))] };
        return samples.IsMadeUp && hasRanges ? compiled with { Warnings = [.. compiled.Warnings, (DiagnosticTable.CalibrationMadeUp.Id, DiagnosticTable.CalibrationMadeUp.Text())] } : compiled;
    }

    /// <summary>Whether the model is as in floating point, as it has nothing that could run on integers by ranges of samples.</summary>
    public static bool FoundNothing(CompiledModel compiled) => compiled.Plan.StaysInFloat && compiled.Warnings.Count == 0;

    /// <summary>The model in floating point where nothing in it could run on integers: no samples are needed to say so. Null where something could.</summary>
    private static CompiledModel? NothingToQuantize(CompilationJob job)
    {
        Graph graph = Int8Search.Prepare(job, job.Model).Graph;
        QuantizationPlan plan = QuantizationPlanner.Plan(graph, job.Options.Target);
        if (plan.Forms.Values.Contains(IntegerForm.Compute) || UncalibratedLayers.Of(graph, job.Options.Target).Any()) return null;
        return Evaluated(job, FloatSelf(job, AlreadyQuantized(graph)) with { Events = Refusals(job, plan) });
    }

    private static CompiledModel CarryOut(CompilationPlan plan, CompilationJob job, Int8Search search)
    {
        if (plan.StaysInFloat) return Evaluated(job, FloatSelf(job, AlreadyQuantized(job.Model.Graph) is [_, ..] quantized ? quantized : [PlannedInFloat]));
        Int8Recipe recipe = Int8Recipe.Of(plan);
        Int8Builder builder = search.Builder(recipe.Equalization);
        var known = builder.Model.Graph.AllNodes().SelectMany(node => node.Outputs.ToArray()).Select(output => output.Name).ToHashSet();
        if (recipe.InFloat.Union(recipe.OnTiles).FirstOrDefault(name => !known.Contains(name)) is { } stale) throw DiagnosticTable.PlanStale.Error(stale);
        return Evaluated(job, Compiled(builder.Build(recipe)));
    }

    private static CompiledModel Search(CompilationJob job, SampleSet samples, Int8Search search)
    {
        bool hasOthers = UncalibratedLayers.Of(job.Model.Graph, job.Options.Target).Any();
        job.Evaluator?.AskSource(job.Cancellation);
        job.Given.Release();
        using Placement? placement = job.Options.MeasureLatency && job.Options.Target.RunsHere ? new Placement(job, samples, hasOthers) : null;
        Int8Recipe everything = new(RangeMethod.MinMax, new HashSet<string>()), start = everything;
        Int8Candidate? made = null;
        Int8Builder plain = placement is null ? search.Builder(0) : search.Beginning();
        for (bool holds = false; !holds;)
        {
            if (plain.Products.Count == 0 && plain.Warnings.Count > 0) return Evaluated(job, FloatSelf(job, plain.Warnings));
            if (placement is null) break;
            // Which numbers the integers hold hardly moves the time: where none gains, none needs to be accurate, nor all samples observed.
            if (placement.Faster(plain, plain.Build(everything)).FirstOrDefault() is not { } fastest) return placement.NotFaster(plain);
            (start, made) = (fastest.Recipe, plain.IsComplete ? fastest : null);
            if (!plain.IsComplete) job.Progress?.Report("observing the other samples");
            holds = plain.Complete();
        }
        (Int8Builder builder, Int8Candidate best) = search.Run(start, made);
        string[] products = [.. builder.Products.Except(start.FasterInFloat)];
        if (products.Length > 0 && products.All(best.Recipe.KeptInFloat.Contains)) return Evaluated(job, FloatSelf(job, [NotAccurate, .. builder.Warnings]));
        CompiledModel Build(IReadOnlySet<string> inFloat) => Compiled(builder.Build(best.Recipe with { KeptInFloat = best.Recipe.KeptInFloat.Union(inFloat).ToHashSet() }));
        var fallback = new FallbackSearch(job, Build);
        CompiledModel? accurate = fallback.Hold(Compiled(best), () => DamageRanking.Of(job, products, Build));
        if (accurate is null) return Evaluated(job, FloatSelf(job, [NotAccurate, .. builder.Warnings]));
        // What accuracy keeps in float puts conversions elsewhere.
        return placement is null || Int8Recipe.Of(accurate.Plan).KeptInFloat.Count == 0 ? accurate : placement.Again(builder, accurate, fallback);
    }

    /// <summary>Why nothing of a model can be quantized.</summary>
    private static PassEvent[] Refusals(CompilationJob job, QuantizationPlan plan)
    {
        var context = new PassContext(job.Model.Clone(), job.Options.Target);
        PassPipeline.Weights(UncalibratedLayers.Passes(context.Target, new HashSet<string>())).Run(context, job.Cancellation);
        return [.. plan.Refusals.Select(refusal => new PassEvent("static-quantization", refusal.Node.ToString(), refusal.Reason, PassEventKind.Refused)), .. context.Events];
    }

    /// <summary>A model whose products are integers already runs by its own scales: to quantize it again would add the errors of both.</summary>
    private static (string, string)[] AlreadyQuantized(Graph graph)
    {
        string[] operators = [.. graph.AllNodes().Select(node => node.OpType).Where(QuantizedOperators.Contains).Distinct().Order(StringComparer.Ordinal)];
        return operators.Length == 0 ? [] : [(DiagnosticTable.QuantizedAlready.Id, DiagnosticTable.QuantizedAlready.Text(string.Join(", ", operators)))];
    }

    private static (string, string) PlannedInFloat => (DiagnosticTable.PlannedInFloat.Id, DiagnosticTable.PlannedInFloat.Text());

    private static (string, string) NotAccurate => (DiagnosticTable.IntegersNotAccurate.Id, DiagnosticTable.IntegersNotAccurate.Text());

    /// <summary>What static int8 left in float of a model that came in 16 bits takes no more room than it did there.</summary>
    private static CompiledModel StoredAsGiven(CompilationJob job, CompiledModel compiled)
    {
        if (!job.CameInHalf || compiled.Plan.StaysInFloat) return compiled;
        Model model = compiled.Model.Clone();
        job.StoreAsGiven(model);
        compiled.Image.Dispose();
        return Evaluated(job, compiled with { Model = model, Image = ModelImage.Of(model) });
    }

    private static CompiledModel Compiled(Int8Candidate candidate)
    {
        IEnumerable<PassEvent> inFloat = candidate.Recipe.InFloat.Select(name => new PassEvent(
            "placement",
            name,
            candidate.Recipe.KeptInFloat.Contains(name) ? "stays in float32: the answers need it" : "stays in float32: faster so, with the conversions around it",
            PassEventKind.Refused));
        return new CompiledModel(candidate.Model, candidate.Image, [.. candidate.Events, .. inFloat], null) { Plan = candidate.Recipe.ToPlan(), Warnings = candidate.Warnings };
    }

    private static CompiledModel Evaluated(CompilationJob job, CompiledModel compiled) => compiled with { Evaluation = job.Evaluate(compiled) };

    /// <summary>The model in floating point, as it ships: what <see cref="Precision.Float32"/> makes of it, to the byte.</summary>
    private static CompiledModel FloatSelf(CompilationJob job, params IReadOnlyList<(string, string)> warnings) => InFloat(job, job.Unprepared ?? job.Model, warnings);

    /// <summary>The model with everything that is done for floating point.</summary>
    private static CompiledModel InFloat(CompilationJob job, Model prepared, params IReadOnlyList<(string, string)> warnings)
    {
        Model model = prepared.Clone();
        PassPipeline.Float.Run(new PassContext(model, job.Options.Target), job.Cancellation);
        job.StoreAsGiven(model);
        var plan = new CompilationPlan { Precision = Precision.Int8, Choices = new Dictionary<string, string> { [CompilationPlan.ComputesWith] = CompilationPlan.Float } };
        return new CompiledModel(model, ModelImage.Of(model), [], null) { Plan = plan, Warnings = warnings };
    }

    /// <summary>Finds what integers slow down, against the model with everything that is done for floating point.</summary>
    /// <param name="job">What is compiled.</param>
    /// <param name="samples">What it is timed on.</param>
    /// <param name="hasOthers">Whether layers besides the products, which are never put back, run on integers.</param>
    private sealed class Placement(CompilationJob job, SampleSet samples, bool hasOthers) : IDisposable
    {
        /// <summary>From the prepared model, whose nodes have the names that those of the candidates have.</summary>
        private readonly CompiledModel _floatSelf = InFloat(job, job.Model);
        private double _lowestRatio;

        /// <summary>Of a candidate and its relatives those with integers that are faster than floating point and no slower for many samples in one run, the fastest first.</summary>
        public IEnumerable<Int8Candidate> Faster(Int8Builder builder, Int8Candidate candidate)
        {
            job.Progress?.Report("looking for what integers slow down");
            job.Given.Release();
            var search = new PlacementSearch(builder, _floatSelf.Image, samples, job.Progress, job.Cancellation);
            IReadOnlyList<PlacedCandidate> placed = search.Run(candidate, job.Options.IsTuning);
            PlacedCandidate[] onIntegers = [.. placed.Where(other => hasOthers || builder.Products.Except(other.Candidate.Recipe.InFloat).Any())];
            _lowestRatio = onIntegers.DefaultIfEmpty(placed[0]).Min(other => other.Ratio);
            return onIntegers.Where(other => other.IsWorthwhile && search.Holds(other)).Select(other => other.Candidate);
        }

        /// <summary>The fastest relative of an accurate model that is as accurate as it has to be; the model in floating point where none is faster.</summary>
        public CompiledModel Again(Int8Builder builder, CompiledModel accurate, FallbackSearch fallback)
        {
            Int8Candidate whole = builder.Build(Int8Recipe.Of(accurate.Plan));
            foreach (Int8Candidate candidate in Faster(builder, whole))
            {
                CompiledModel reached = ReferenceEquals(candidate, whole) ? accurate : Evaluated(job, Compiled(candidate));
                if (fallback.Holds(reached)) return reached;
            }
            return NotFaster(builder);
        }

        /// <summary>The model in floating point, and why it ships.</summary>
        public CompiledModel NotFaster(Int8Builder builder)
        {
            // What came quantized stays so, and what is left of it would gain nothing.
            (string, string)[] quantized = AlreadyQuantized(job.Model.Graph);
            string ratio = _lowestRatio.ToString("F2", CultureInfo.InvariantCulture);
            return Evaluated(job, FloatSelf(job, quantized.Length > 0 ? quantized : [(DiagnosticTable.IntegersNotFaster.Id, DiagnosticTable.IntegersNotFaster.Text(ratio, "a gain of 3 % is asked for, with few and with many samples in a run")), .. builder.Warnings]));
        }

        public void Dispose() => _floatSelf.Image.Dispose();
    }
}
