using ModelCompiler.Diagnostics;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>Weights and activations in 8 bits, ranges measured on the calibration samples.</summary>
internal sealed class StaticInt8 : IPrecisionMethod
{
    /// <summary>Operator set that DequantizeLinear needs for a scale per channel.</summary>
    private const long QuantizationOpset = 13;

    public PassPipeline Preparation => PassPipeline.BeforeQuantization;

    public CompiledModel Compile(CompilationJob job)
    {
        if (job.Samples is not { } samples) throw DiagnosticTable.CalibrationMissing.Error();
        job.RaiseOpset(QuantizationOpset, Preparation);
        var evaluator = new ModelEvaluator(job.Source, samples, job.Labelled);
        return new Int8Search(job, evaluator).Run();
    }
}
