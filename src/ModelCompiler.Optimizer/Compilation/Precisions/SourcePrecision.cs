using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>As the source model has it: the passes, and nothing else.</summary>
internal sealed class SourcePrecision : IPrecisionMethod
{
    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        ModelImage image = ModelImage.Of(job.Model);
        Evaluation? evaluation = job.AnySamples is { } samples ? new ModelEvaluator(job.Source, samples, job.Labelled).Evaluate(image, job.Cancellation) : null;
        return new CompiledModel(job.Model, image, [], evaluation) { Plan = new CompilationPlan { Precision = Precision.Float32 } };
    }
}
