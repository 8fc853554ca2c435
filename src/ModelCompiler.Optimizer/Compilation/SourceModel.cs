using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>The model as it was given, which compiled ones are compared with: checked by ONNX Runtime at once. A large one is loaded only if it is run.</summary>
internal sealed class SourceModel : IDisposable
{
    private readonly ModelImage _image;
    private InferenceSession? _session;
    private (IReadOnlyList<TensorInfo> Inputs, IReadOnlyList<TensorInfo> Outputs)? _signature;

    /// <summary>Keeps what it needs of <paramref name="model"/>, which may be changed then.</summary>
    /// <exception cref="CompilerException">ONNX Runtime refuses the model (OM1004, OM1007).</exception>
    public SourceModel(Model model)
    {
        bool isLarge = ModelImage.IsLarge(model);
        _image = ModelImage.Of(isLarge ? model.Clone() : model);
        try
        {
            if (isLarge) _image.OpenStructure().Dispose();
            else _session = _image.Open(ModelImage.ForFewRuns);
            // What opening took besides.
            NativeHeap.Trim();
        }
        catch (OnnxRuntimeException e)
        {
            throw Refused(model, e.Message);
        }
    }

    /// <summary>A session on it to compare answers with.</summary>
    public InferenceSession Session => _session ??= _image.Open(ModelImage.ForFewRuns);

    /// <summary>What it reads and answers, known without a session once there was one, and how to get one.</summary>
    public (IReadOnlyList<TensorInfo> Inputs, IReadOnlyList<TensorInfo> Outputs, Func<InferenceSession> Open) Reference
    {
        get
        {
            var (inputs, outputs) = _signature ??= (Session.Inputs, Session.Outputs);
            return (inputs, outputs, () => Session);
        }
    }

    /// <summary>Gives back the memory of <see cref="Session"/>, which is opened again when it is asked for; of a small one, that is not worth it.</summary>
    public void Release()
    {
        if (!_image.IsHeld) Close();
    }

    private void Close()
    {
        _session?.Dispose();
        _session = null;
        NativeHeap.Trim();
    }

    /// <summary>Opens a session as a program would, to time it.</summary>
    public InferenceSession Open() => _image.Open();

    /// <summary>A copy of it; not of a large one, whose weights are not held.</summary>
    public Model Read() => OnnxReader.Read(_image.Structure);

    /// <summary>Where we see what is wrong as well, the error names the node and the rule. A model that ONNX Runtime takes is not refused for a rule.</summary>
    private static CompilerException Refused(Model model, string reason) => GraphVerifier.FirstViolation(model) is { } violation
        ? DiagnosticTable.ModelInvalid.Error($"at '{violation.Where}', {violation.Text} (rule {violation.Rule}); {reason.TrimEnd('.')}")
        : DiagnosticTable.ModelRefusedByRuntime.Error(reason.TrimEnd('.'), RefusalAdvice.For(model, reason));

    public void Dispose()
    {
        Close();
        _image.Dispose();
    }
}
