using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>Compiles a model: passes, calibration, proof.</summary>
public static class Compiler
{
    /// <summary>Operator set that DequantizeLinear needs for a scale per channel.</summary>
    private const long QuantizationOpset = 13;

    /// <summary>A ratio that two runs of one model may differ by on a busy machine.</summary>
    private const double SlowerThanNoise = 1.05;

    /// <summary>Compiles <paramref name="model"/>, which is changed.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <param name="options">What is asked.</param>
    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <param name="cancellationToken">Stops the compilation between passes and samples.</param>
    /// <exception cref="CompilerException">The model, its data or the options are at fault, or a budget is missed (OM4xxx).</exception>
    public static CompileResult Compile(Model model, CompileOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        using InferenceSession source = OpenSource(model);
        IReadOnlyList<SampleInput> inputs = SampleInput.Of(model);
        SampleSet? samples = options.CalibrationPath is { } calibration ? SampleSet.Open(calibration, inputs) : null;
        SampleSet? labelled = options.EvaluationPath is { } evaluation ? SampleSet.Open(evaluation, inputs) : null;
        labelled?.RequireLabels();

        progress?.Report("optimizing the graph");
        FunctionInliner.Inline(model);
        var context = new PassContext(model, options.Target);
        (options.Precision == Precision.Int8 ? PassPipeline.BeforeQuantization : PassPipeline.Float).Run(context, cancellationToken);
        CompileResult result = options.Precision switch
        {
            Precision.Float32 => Float(context, source, samples ?? labelled, labelled, cancellationToken),
            Precision.Int8 => Int8(context, source, options, samples, labelled, progress, cancellationToken),
            _ => throw DiagnosticTable.FeatureMissing.Error($"Precision=\"{options.Precision}\""),
        };
        if (!options.MeasureLatency) return result;
        progress?.Report("measuring latency");
        return WithLatency(result, source, samples ?? labelled, cancellationToken);
    }

    private static InferenceSession OpenSource(Model model)
    {
        try
        {
            return InferenceSession.Open(OnnxWriter.ToBytes(model));
        }
        catch (OnnxRuntimeException e)
        {
            throw DiagnosticTable.ModelRefusedByRuntime.Error(e.Message);
        }
    }

    private static CompileResult Float(PassContext context, InferenceSession source, SampleSet? samples, SampleSet? labelled, CancellationToken cancellationToken)
    {
        byte[] bytes = OnnxWriter.ToBytes(context.Model);
        Evaluation? evaluation = samples is null ? null : new ModelEvaluator(source, samples, labelled).Evaluate(bytes, cancellationToken);
        return Result(context.Model, bytes, context.Events, evaluation);
    }

    private static CompileResult Int8(PassContext context, InferenceSession source, CompileOptions options, SampleSet? samples, SampleSet? labelled, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (samples is null) throw DiagnosticTable.CalibrationMissing.Error();
        if (context.Model.Opset < QuantizationOpset)
        {
            OpsetConverter.Convert(context.Model, QuantizationOpset, "Precision=\"Int8\"");
            // Newer forms bring constants and nodes that fold.
            PassPipeline.BeforeQuantization.Run(context, cancellationToken);
        }
        var evaluator = new ModelEvaluator(source, samples, labelled);
        (Int8Candidate candidate, Evaluation evaluation) = new Int8Search(context.Model, options, samples, evaluator, progress, cancellationToken).Run();
        return Result(candidate.Model, candidate.Bytes, [.. context.Events, .. candidate.Events], evaluation);
    }

    private static CompileResult Result(Model model, byte[] bytes, IReadOnlyList<PassEvent> events, Evaluation? evaluation)
    {
        FusedGraph fused = FusedGraph.Of(bytes);
        return new CompileResult
        {
            Model = model,
            Events = events,
            QuantizedNodes = fused.IntegerProductCount,
            FloatNodes = fused.FloatProductCount,
            Agreement = evaluation?.Agreement,
            Accuracy = evaluation?.Accuracy,
        };
    }

    private static CompileResult WithLatency(CompileResult result, InferenceSession source, SampleSet? samples, CancellationToken cancellationToken)
    {
        using InferenceSession compiled = InferenceSession.Open(OnnxWriter.ToBytes(result.Model));
        double? ratio = LatencyRatio(source, compiled, samples, cancellationToken);
        if (ratio is not > SlowerThanNoise) return result with { LatencyRatio = ratio };
        string text = DiagnosticTable.SlowerThanSource.Text(ratio.Value.ToString("F2", CultureInfo.InvariantCulture));
        return result with { LatencyRatio = ratio, Warnings = [.. result.Warnings, (DiagnosticTable.SlowerThanSource.Id, text)] };
    }

    /// <summary>Median time of the compiled model over the source's at batch 1; null where the inputs cannot be made up.</summary>
    private static double? LatencyRatio(InferenceSession source, InferenceSession compiled, SampleSet? samples, CancellationToken cancellationToken)
    {
        if (samples is null) return null;
        IReadOnlyList<(string, TensorBuffer)> inputs = [.. samples.Read(cancellationToken: cancellationToken).First().Inputs];
        return LatencyComparison.Measure([(source, inputs), (compiled, inputs)], LatencyBudget.Default, cancellationToken).Figures[1].Ratio;
    }
}
