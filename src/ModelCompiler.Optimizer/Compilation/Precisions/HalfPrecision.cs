using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// float16 and bfloat16: the computation itself where the provider runs it natively, else the file only. ONNX Runtime's CPU provider computes 1.3 to
/// 3.9 times slower in float16 than in float32, and in bfloat16 nothing at all.
/// </summary>
internal sealed class HalfPrecision(Precision precision) : IPrecisionMethod
{
    /// <summary>Operator set from which a Cast takes bfloat16.</summary>
    private const long BFloat16Casts = 13;

    /// <summary>Operator set from which convolutions and pools take bfloat16.</summary>
    private const long BFloat16Kernels = 22;

    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        bool isBFloat16 = precision == Precision.BFloat16;
        bool isComputed = isBFloat16 ? job.Options.Target.BFloat16Operators is not null : job.Options.Target.ComputesHalf;
        if (isBFloat16) job.RaiseOpset(isComputed ? BFloat16Kernels : BFloat16Casts, Preparation);
        HalfFormat format = isBFloat16 ? HalfFormat.BFloat16 : HalfFormat.Float16;
        var context = new PassContext(job.Model, job.Options.Target);
        PassPipeline.Weights(isComputed ? new HalfConversion(format) : new HalfStorage(format)).Run(context, job.Cancellation);
        var compiled = new CompiledModel(job.Model, ModelImage.Of(job.Model), context.Events, null) { Plan = new CompilationPlan { Precision = precision } };
        if (isBFloat16 && isComputed) compiled = compiled with { StandIn = StandIn(job) };
        return compiled with { Evaluation = job.Evaluate(compiled) };
    }

    private static ModelImage StandIn(CompilationJob job)
    {
        Model model = job.Model.Clone();
        new HalfWidening(HalfFormat.BFloat16, rounds: true).Apply(new PassContext(model, job.Options.Target));
        return ModelImage.Of(model);
    }
}
