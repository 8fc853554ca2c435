using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Passes.Fusion.Normalizations;
using ModelCompiler.Optimizer.Passes.Fusion.Windows;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Passes.Quantization;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// What is changed in a model before anything is compared with it, so that ONNX Runtime's CPU provider answers as the standard says: by itself it
/// answers something else, or nothing.
/// </summary>
internal static class SourceForm
{
    /// <summary>Brings a model into the form. It may be invalid still: ONNX Runtime looks at it after this.</summary>
    public static void Apply(PassContext context)
    {
        // All others look for constants in one place only.
        IPass[] passes = [new MissingInputs(), new ConstantNodes(), new ZeroPointCompletion(), new UnsignedWeights(), new OwnIntegers(), new NormalizerSigns(), new PaddedPools(), new CapturedMovements(), new HalfWidening(HalfFormat.BFloat16), new DoubleNarrowing(kernelsMissing: true)];
        foreach (IPass pass in passes)
        {
            context.Begin(pass);
            pass.Apply(context);
        }
    }
}
