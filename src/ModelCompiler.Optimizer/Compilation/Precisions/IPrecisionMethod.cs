using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation.Precisions;

/// <summary>How a model comes into one <see cref="Precision"/>.</summary>
internal interface IPrecisionMethod
{
    /// <summary>What the model goes through before; types are inferred and everything is in the model's own precision after it.</summary>
    PassPipeline Preparation { get; }

    /// <summary>Makes the model that ships from the prepared one.</summary>
    /// <exception cref="CompilerException">Data is missing, or no way holds the budget (OM4xxx).</exception>
    CompiledModel Compile(CompilationJob job);
}
