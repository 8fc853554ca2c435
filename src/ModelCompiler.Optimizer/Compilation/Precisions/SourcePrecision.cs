using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>As the source model has it: the passes, and nothing else.</summary>
internal sealed class SourcePrecision : IPrecisionMethod
{
    public PassPipeline Preparation => PassPipeline.Float;

    public CompiledModel Compile(CompilationJob job)
    {
        var compiled = new CompiledModel(job.Model, OnnxWriter.ToBytes(job.Model), [], null) { Plan = new CompilationPlan { Precision = Precision.Float32 } };
        return compiled with { Evaluation = job.Evaluate(compiled) };
    }
}
