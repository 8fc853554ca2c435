using ModelCompiler.Runtime;

namespace DigitClassifier;

/// <summary>The float32 model as it was trained, for comparison: run on ONNX Runtime as it is, not compiled.</summary>
internal sealed class OriginalModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly PreparedRun _run;

    public OriginalModel(string path)
    {
        _session = InferenceSession.Open(path);
        _run = new PreparedRun(_session);
        _run.ResizeInput<float>(0, [1, 1, DigitSet.Side, DigitSet.Side]);
    }

    public Answer Read(ReadOnlySpan<float> image)
    {
        image.CopyTo(_run.Input<float>(0));
        _run.Run();
        return Answer.FromLogits(_run.Output<float>(0));
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
