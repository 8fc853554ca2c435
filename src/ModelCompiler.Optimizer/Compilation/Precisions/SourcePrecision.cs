using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>As the source model has it: the passes, and nothing else.</summary>
internal sealed class SourcePrecision : IPrecisionMethod
{
    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        // What came in float16 is computed in float32 here, and its file does not grow for that.
        if (job.Passes.Changes.Any(change => change.Pass == HalfWidening.PassName)) PassPipeline.Weights(new HalfStorage(HalfFormat.Float16)).Run(job.Passes, job.Cancellation);
        var compiled = new CompiledModel(job.Model, ModelImage.Of(job.Model), [], null) { Plan = new CompilationPlan { Precision = Precision.Float32 } };
        return compiled with { Evaluation = job.Evaluate(compiled) };
    }
}
