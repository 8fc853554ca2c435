using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation.Precisions;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>Compiles a model: passes, calibration, proof.</summary>
public static class Compiler
{
    /// <summary>A ratio that two runs of one model may differ by on a busy machine.</summary>
    private const double SlowerThanNoise = 1.05;

    /// <summary>
    /// How long source and result are timed in turns at most. The figure is what people read: there is no use in knowing it better than two measurements agree, which is as much
    /// to either side.
    /// </summary>
    private static readonly LatencyBudget FinalBudget = new(TimeSpan.FromSeconds(0.5), Tolerance: 2 * (SlowerThanNoise - 1));

    /// <summary>The same where something hangs on it.</summary>
    private static readonly LatencyBudget DecisiveBudget = FinalBudget with { Tolerance = SlowerThanNoise - 1 };

    /// <summary>By how much sessions of one and the same model may differ, each time they are timed: by where their memory lies.</summary>
    private const double CopiesDiffer = 1.02;

    /// <summary>How well a ratio is to be known that is as large as its budget.</summary>
    private const double BudgetTolerance = 0.01;

    /// <summary>Compiles <paramref name="model"/>, which is changed.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <param name="options">What is asked.</param>
    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <param name="cancellationToken">Stops the compilation between passes and samples.</param>
    /// <exception cref="CompilerException">The model, its data or the options are at fault, or a budget is missed (OM4xxx).</exception>
    public static CompileResult Compile(Model model, CompileOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        NativeHeap.KeepBetweenRuns();
        IPrecisionMethod method = PrecisionMethods.Of(options.Plan?.Precision ?? options.Precision);
        var passes = new PassContext(model, options.Target);
        SourceForm.Apply(passes);
        // With labels accuracy decides, which looks for the scores among the outputs.
        bool isJudged = (options.Plan?.Precision ?? options.Precision) != Precision.Float32 && options is { CalibrationPath: not null, EvaluationPath: null };
        IReadOnlySet<string> judged = isJudged ? JudgedValues.Expose(model) : new HashSet<string>();
        using var source = new SourceModel(model);
        // Only samples need inputs that arrays can give: a model that takes sequences compiles without.
        SampleSet? samples = options.CalibrationPath is { } calibration ? SampleSet.Open(calibration, SampleInput.Of(model)) : null;
        SampleSet? labelled = options.EvaluationPath is { } evaluation ? SampleSet.Open(evaluation, SampleInput.Of(model)) : null;
        labelled?.RequireLabels();

        progress?.Report("optimizing the graph");
        FunctionInliner.Inline(model);
        // Opening a large model takes its size in memory: only for samples that someone gave.
        SampleSet? madeUp = samples is null && labelled is null && !ModelImage.IsLarge(model) ? MadeUpSamples.Create(source.Session, model.Graph, cancellationToken) : null;
        var job = new CompilationJob
        {
            Passes = passes,
            Given = source,
            Options = options,
            Samples = samples,
            Labelled = labelled,
            MadeUp = madeUp,
            SourceWarnings = SourceWarnings.Of(model),
            Evaluator = (samples ?? labelled ?? madeUp) is { } any ? new ModelEvaluator(source, any, labelled, RandomOutputs.Of(model.Graph), SelectedOutputs.Of(model.Graph), judged, ChoiceAxes.Of(model.Graph)) : null,
            Judged = judged,
            Progress = progress,
            Cancellation = cancellationToken,
        };
        job.Prepare(method);
        foreach (PassTime pass in job.Passes.Times.Where(time => time.Changes > 0)) progress?.Report(pass.ToString());
        CompiledModel compiled = JudgedValues.Hide(job, method.Compile(job));
        using ModelImage image = compiled.Image;
        using ModelImage? standIn = compiled.StandIn;
        job.RequireBudget(compiled);
        CompileResult result = Result(job, compiled);
        return options.MeasureLatency && options.Target.RunsHere ? WithLatency(result, job, compiled) : result;
    }

    private static CompileResult Result(CompilationJob job, CompiledModel compiled)
    {
        (int quantized, int inFloat) = ProductsOf(job, compiled);
        return new CompileResult
        {
            Model = compiled.Model,
            Plan = compiled.Plan,
            Events = [.. job.Passes.Events, .. compiled.Preparation, .. compiled.Events],
            QuantizedNodes = quantized,
            FloatNodes = inFloat,
            // What came quantized is on integers without anybody's doing.
            StaysAsItCame = quantized == 0 && (compiled.Plan.StaysInFloat || !(job.IsNarrowed || IsQuantized(compiled))),
            Agreement = JudgedValues.Shown(compiled.Evaluation?.Agreement),
            Accuracy = compiled.Evaluation?.Accuracy,
            Warnings = [.. job.SourceWarnings, .. compiled.Warnings, .. WarningsOf(job, compiled)],
        };
    }

    private static IEnumerable<(string Code, string Message)> WarningsOf(CompilationJob job, CompiledModel compiled)
    {
        if (!job.IsNarrowed && !IsQuantized(compiled) && compiled.Warnings.Count == 0)
            yield return (DiagnosticTable.NothingQuantized.Id, DiagnosticTable.NothingQuantized.Text(job.Options.Precision, AdviceWhereNothing(job, compiled)));
        // Who set a budget has said what may be lost.
        if (job.Options.MaxAccuracyDrop is null && compiled.Evaluation?.Estranged is { } output)
        {
            yield return output.Same is { } same ? (DiagnosticTable.NamesDiffer.Id, DiagnosticTable.NamesDiffer.Text(output.Name, Percent(1 - same), AdviceWhereDiffering(job, compiled)))
                : (DiagnosticTable.OutputsDiffer.Id, DiagnosticTable.OutputsDiffer.Text(output.Name, Percent(Math.Pow(10, -output.SqnrDb / 20)), output.Cosine.ToString("F3", CultureInfo.InvariantCulture), AdviceWhereDiffering(job, compiled)));
        }
    }

    /// <summary>What brings the answers back, which is another thing where there is nothing on integers.</summary>
    private static string AdviceWhereDiffering(CompilationJob job, CompiledModel compiled) => compiled.Plan.Precision switch
    {
        Precision.Float16 or Precision.BFloat16 => "Precision=\"Float32\" keeps the numbers as they are",
        _ when compiled.Plan.StaysInFloat || compiled.Plan.Precision == Precision.Float32 => "nothing but the graph was changed, and modelc bisect finds the pass that alters an answer",
        _ when job.Options.Precision is Precision.Mixed or Precision.Auto => "MaxAccuracyDrop keeps more of the model in float32",
        _ => "Precision=\"Mixed\" or MaxAccuracyDrop keep more of the model in float32",
    };

    /// <summary>Who asks for fewer bits is told which precision works on what the model has.</summary>
    private static string AdviceWhereNothing(CompilationJob job, CompiledModel compiled)
    {
        const string Reasons = "The report lists the reasons at each layer.", OtherReasons = " What else there is would gain nothing: the report lists the reasons at each layer.";
        Graph graph = job.Model.Graph;
        return compiled.Plan.Precision switch
        {
            Precision.Int8 when graph.Nodes.SelectMany(node => node.Subgraphs).SelectMany(body => body.AllNodes()).Any(node => node.Is("MatMul") || node.Is("Gemm")) =>
                "Products in branches and loops are quantized by Precision=\"Int8Dynamic\".",
            Precision.Int8Dynamic or Precision.Int4 when graph.AllNodes().Any(node => (node.Is("Conv") || node.Is("ConvTranspose")) && node.Constant(1) is { ElementType: ElementType.Float }) => (job is { Options.Precision: Precision.Mixed, Samples: null }
                ? "Convolutions are quantized with samples only: give some with Calibration=\"samples.npz\"."
                : "Convolutions are quantized by Precision=\"Int8\" only, with Calibration samples.") + (compiled.Events.Any(e => e.Kind == PassEventKind.Refused) ? OtherReasons : ""),
            _ => Reasons,
        };
    }

    private static string Percent(double share) => (100 * share).ToString("F0", CultureInfo.InvariantCulture);

    private static (int Quantized, int InFloat) ProductsOf(CompilationJob job, CompiledModel compiled)
    {
        if (job.Options.Target.Layout.WrapsNodes) return QdqProducts.Count(compiled.Model.Graph);
        FusedGraph fused = FusedGraph.OfImage(compiled.StandIn ?? compiled.Image);
        return (fused.IntegerProductCount, fused.FloatProductCount);
    }

    private static bool IsQuantized(CompiledModel compiled) =>
        compiled.Events.Any(e => e.Kind == PassEventKind.Applied) || compiled.Plan.Precision == Precision.Float32;

    private static CompileResult WithLatency(CompileResult result, CompilationJob job, CompiledModel compiled)
    {
        if (job.AnySamples is not { } samples)
        {
            job.Progress?.Report("latency and agreement are not measured: there are no samples (see Calibration), and the model is too large for random ones, or runs on none of those tried");
            return result;
        }
        job.Progress?.Report("measuring latency");
        job.Given.Release();
        // Two sessions as a program has them, with arenas.
        NativeHeap.TrimAll();
        using InferenceSession source = job.Given.Open(), session = compiled.Image.Open();
        IReadOnlyList<(string, TensorBuffer)> inputs = [.. samples.Read(cancellationToken: job.Cancellation).First().Inputs];
        // Where a build hangs on it, it is known on which side of its budget the ratio is, or as well as there is time for.
        double? most = job.Options.MaxLatencyRatio * CopiesDiffer;
        LatencyBudget decisive = DecisiveBudget with { Limit = most, Tolerance = most is null ? DecisiveBudget.Tolerance : BudgetTolerance };
        LatencyFigures figures = Measure(most is null ? FinalBudget : decisive);
        // What a busy machine does during one measurement is no reason to alarm anybody.
        if (figures.Ratio > SlowerThanNoise || figures.Interval.Low > most) figures = Measure(decisive with { Time = 2 * decisive.Time });
        result = result with { LatencyRatio = figures.Ratio, IsTooSlow = figures.Interval.Low > most };
        if (figures.Ratio <= SlowerThanNoise) return result;
        string figure = figures.Ratio.ToString("F2", CultureInfo.InvariantCulture);
        string text = DiagnosticTable.SlowerThanSource.Text(figure, result.Plan.Precision == Precision.Float32 ? "ship the source itself" : "use Precision=\"Float32\"");
        return result with { Warnings = [.. result.Warnings, (DiagnosticTable.SlowerThanSource.Id, text)] };

        // Sessions have one thread, whose processor time is the same on a machine that serves others.
        LatencyFigures Measure(LatencyBudget budget) => LatencyComparison.Measure([(source, inputs), (session, inputs)], budget, isSingleThreaded: true, job.Cancellation).Figures[1];
    }
}
