using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>As the source model has it: the passes, and nothing else.</summary>
internal sealed class SourcePrecision : IPrecisionMethod
{
    public PassPipeline Preparation => PassPipeline.Float;

    public bool NarrowsDouble => false;

    public CompiledModel Compile(CompilationJob job)
    {
        job.StoreAsGiven(job.Model);
        var compiled = new CompiledModel(job.Model, ModelImage.Of(job.Model), [], null) { Plan = new CompilationPlan { Precision = Precision.Float32 } };
        return compiled with { Evaluation = job.Evaluate(compiled) };
    }
}
