using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Tool.Terminal;

/// <summary>Opens models for commands that run them.</summary>
internal static class ModelFiles
{
    /// <summary>Reads a model for its signature and opens a session on its file.</summary>
    /// <exception cref="CompilerException">The file is no model (OM1xxx), or ONNX Runtime refuses it (OM1007).</exception>
    /// <exception cref="ModelCompilerException">The provider cannot be used.</exception>
    public static (Model Model, InferenceSession Session) Open(string path, SessionOptions options)
    {
        Model model = OnnxReader.Read(path);
        try
        {
            return (model, Open(path, options, ExactIntegers.For(model, options)));
        }
        catch (OnnxRuntimeException e)
        {
            throw DiagnosticTable.ModelRefusedByRuntime.ErrorIn(path, e.Message.TrimEnd('.'), RefusalAdvice.For(model, e.Message));
        }
    }

    private static InferenceSession Open(string path, SessionOptions options, SessionOptions exact)
    {
        try
        {
            return InferenceSession.Open(path, exact);
        }
        catch (OnnxRuntimeException) when (exact != options)
        {
            // As every other program opens it: only a compilation divides what keeps an exact session from opening.
            return InferenceSession.Open(path, options);
        }
    }
}
