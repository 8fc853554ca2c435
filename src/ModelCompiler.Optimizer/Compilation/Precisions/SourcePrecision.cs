using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>As the source model has it: the passes, and nothing else.</summary>
internal sealed class SourcePrecision : IPrecisionMethod
{
    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        byte[] bytes = OnnxWriter.ToBytes(job.Model);
        Evaluation? evaluation = job.AnySamples is { } samples ? new ModelEvaluator(job.Source, samples, job.Labelled).Evaluate(bytes, job.Cancellation) : null;
        return new CompiledModel(job.Model, bytes, [], evaluation);
    }
}
