using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Sessions;

/// <summary>
/// A model in the form that sessions are opened from: bytes, or, where that would be much memory beside the model itself, a file in a temporary folder
/// that is gone with this object. Where its weights are too many to be held once more, they lie beside the file, written when the first session is opened.
/// </summary>
internal sealed class ModelImage : IDisposable
{
    /// <summary>How many bytes of weights are written and read as a whole.</summary>
    public const long MaxBytes = 512 << 20;

    /// <summary>How many are held in memory for a session.</summary>
    private const long MaxHeldBytes = 8 << 20;

    /// <summary>
    /// For a session that runs a few times, whatever its samples' sizes: an arena grows in powers of two and keeps what it has, and memory that is planned for a whole run is
    /// one piece, which is cleared anew at each. What the pieces of a run leave is there for the next (<see cref="NativeHeap.KeepBetweenRuns"/>).
    /// </summary>
    public static SessionOptions ForFewRuns { get; } = new() { UseCpuArena = false, UseMemoryPattern = false };

    private const string FileName = "model.onnx";

    private readonly ReadOnlyMemory<byte>? _bytes;
    private readonly Model? _large;
    private readonly bool _needsExactIntegers;
    private ScratchFolder? _folder;

    /// <summary>The image of a model whose bytes are at hand.</summary>
    public ModelImage(Model model, ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        _needsExactIntegers = ExactIntegers.For(model).ExactIntegers;
    }

    private ModelImage(Model model, bool isLarge, bool isMapped = false)
    {
        _needsExactIntegers = ExactIntegers.For(model).ExactIntegers;
        if (isLarge) _large = model;
        else WriteFile(model, new WriteOptions { ExternalData = isMapped });
    }

    /// <summary>Whether a model is never written or read as a whole.</summary>
    public static bool IsLarge(Model model) => OnnxWriter.WeightBytes(model) > MaxBytes;

    /// <summary>Whether an image of so many bytes of weights is held in memory (<see cref="IsHeld"/>).</summary>
    public static bool IsHeldAt(long weightBytes) => weightBytes <= MaxHeldBytes;

    /// <summary>The image of a model; a large one must not be changed before the last session is opened.</summary>
    /// <exception cref="CompilerException">The model does not fit the format (OM1013), or the temporary file cannot be written (OM6002).</exception>
    public static ModelImage Of(Model model) => OnnxWriter.WeightBytes(model) switch
    {
        > MaxBytes => new ModelImage(model, isLarge: true),
        > MaxHeldBytes => new ModelImage(model, isLarge: false),
        _ => new ModelImage(model, OnnxWriter.ToBytes(model)),
    };

    /// <summary>
    /// The image of a model for sessions that are not timed: of what is not held in memory, weights lie beside the file, where ONNX Runtime maps them instead of reading them
    /// into memory twice. A program's model is read, and what is timed has to be as that is.
    /// </summary>
    /// <exception cref="CompilerException">The temporary file cannot be written (OM6002).</exception>
    public static ModelImage Mapped(Model model) =>
        OnnxWriter.WeightBytes(model) is > MaxHeldBytes and <= MaxBytes ? new ModelImage(model, isLarge: false, isMapped: true) : Of(model);

    /// <summary>Whether it is held in memory: it is small.</summary>
    public bool IsHeld => _bytes is not null;

    /// <summary>The model, or, of a large one, what it computes without its weights: they are inputs. Of a mapped one, what refers to them.</summary>
    public ReadOnlyMemory<byte> Structure => _large is null ? _bytes ?? File.ReadAllBytes(_folder!.PathOf(FileName)) : WeightlessModel.ToBytes(_large);

    /// <summary>Opens a session.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model.</exception>
    /// <exception cref="CompilerException">The temporary file cannot be written (OM6002).</exception>
    public InferenceSession Open(SessionOptions? options = null)
    {
        if (_needsExactIntegers) options = (options ?? new SessionOptions()) with { ExactIntegers = true };
        if (_bytes is { } bytes) return InferenceSession.Open(bytes, options);
        if (_folder is null) WriteFile(_large!, new WriteOptions { ExternalData = true });
        return InferenceSession.Open(_folder!.PathOf(FileName), options);
    }

    /// <summary>Opens a session that shows what is made of the graph; of a large model, <see cref="Structure"/>.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model.</exception>
    public InferenceSession OpenStructure(SessionOptions? options = null) => _large is null ? Open(options) : InferenceSession.Open(Structure, options);

    /// <summary>Where the files of a large model are since the first session was opened; null before, and for those that are held in memory.</summary>
    public string? Folder => _folder?.Path;

    public void Dispose()
    {
        _folder?.Dispose();
        _folder = null;
    }

    private void WriteFile(Model model, WriteOptions options)
    {
        _folder = new ScratchFolder();
        try
        {
            OnnxWriter.Write(model, _folder.PathOf(FileName), options);
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
