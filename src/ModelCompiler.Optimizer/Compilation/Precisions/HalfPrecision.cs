using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>
/// float16: the computation itself where the provider runs it natively, else the file only. ONNX Runtime's CPU provider computes 1.3 to 3.9 times
/// slower in float16 than in float32.
/// </summary>
internal sealed class HalfPrecision : IPrecisionMethod
{
    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        var context = new PassContext(job.Model, job.Options.Target);
        PassPipeline passes = job.Options.Target.ComputesHalf ? PassPipeline.Weights(new HalfConversion()) : PassPipeline.Weights(new HalfStorage());
        passes.Run(context, job.Cancellation);
        var compiled = new CompiledModel(job.Model, ModelImage.Of(job.Model), context.Events, null) { Plan = new CompilationPlan { Precision = Precision.Float16 } };
        return compiled with { Evaluation = job.Evaluate(compiled) };
    }
}
