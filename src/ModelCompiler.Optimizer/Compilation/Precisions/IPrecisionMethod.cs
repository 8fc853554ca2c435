using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>How a model comes into one <see cref="Precision"/>.</summary>
internal interface IPrecisionMethod
{
    /// <summary>What the model goes through before; types are inferred and everything is in the model's own precision after it.</summary>
    PassPipeline Preparation { get; }

    /// <summary>Whether it works on float32 only, so that a model in float64 is computed in float32 first, where that agrees.</summary>
    bool NarrowsDouble => true;

    /// <summary>Makes the model that ships from the prepared one.</summary>
    /// <exception cref="CompilerException">Data is missing, or no way holds the budget (OM4xxx).</exception>
    CompiledModel Compile(CompilationJob job);
}
