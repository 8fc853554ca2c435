using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Sessions;

/// <summary>
/// A model in the form that sessions are opened from: bytes, or, where its weights are too many to be held once more, a file in a temporary folder
/// with its weights beside it, written when the first session is opened and gone with this object.
/// </summary>
internal sealed class ModelImage : IDisposable
{
    /// <summary>How many bytes of weights are held in memory for a session.</summary>
    public const long MaxBytes = 512 << 20;

    private const string FileName = "model.onnx";

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly Model? _large;
    private ScratchFolder? _folder;

    private ModelImage(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    private ModelImage(Model large) => _large = large;

    /// <summary>Whether a model is opened from a file.</summary>
    public static bool IsLarge(Model model) => OnnxWriter.WeightBytes(model) > MaxBytes;

    /// <summary>The image of a model, which must not be changed before the last session is opened.</summary>
    /// <exception cref="CompilerException">The model does not fit the format (OM1013).</exception>
    public static ModelImage Of(Model model) => IsLarge(model) ? new ModelImage(model) : new ModelImage(OnnxWriter.ToBytes(model));

    public static implicit operator ModelImage(byte[] bytes) => new(bytes);

    /// <summary>The model, or, of a large one, what it computes without its weights: they are inputs.</summary>
    public ReadOnlyMemory<byte> Structure => _large is null ? _bytes : WeightlessModel.ToBytes(_large);

    /// <summary>Opens a session.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model.</exception>
    /// <exception cref="CompilerException">The temporary file cannot be written (OM6002).</exception>
    public InferenceSession Open(SessionOptions? options = null) => _large is null ? InferenceSession.Open(_bytes, options) : InferenceSession.Open(FileOf(_large), options);

    /// <summary>Where the files of a large model are since the first session was opened; null before, and for others.</summary>
    public string? Folder => _folder?.Path;

    public void Dispose()
    {
        _folder?.Dispose();
        _folder = null;
    }

    private string FileOf(Model model)
    {
        if (_folder is not null) return _folder.PathOf(FileName);
        _folder = new ScratchFolder();
        string path = _folder.PathOf(FileName);
        OnnxWriter.Write(model, path, new WriteOptions { ExternalData = true });
        return path;
    }
}
