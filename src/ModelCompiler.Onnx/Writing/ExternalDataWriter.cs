using System.Globalization;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>Writes weights to the file beside a model, one after the other and each through a small buffer.</summary>
internal sealed class ExternalDataWriter : IDisposable
{
    // What is worth mapping starts on a page; the rest on a cache line, which is enough for any vector instruction.
    private const long PageAlignment = 4096;
    private const long LineAlignment = 64;
    private const long PageAlignedFrom = 64 << 10;

    private readonly AtomicFile _file;
    private readonly string _location;
    private readonly long _threshold;
    private readonly Dictionary<TensorData, long> _offsets = new(ReferenceEqualityComparer.Instance);
    private readonly byte[] _buffer = new byte[1 << 20];

    /// <summary>The data file of a model file. Its name comes from the path, never from the model.</summary>
    public ExternalDataWriter(string modelPath, long threshold)
    {
        _location = Path.GetFileName(modelPath) + ".data";
        _file = new AtomicFile(modelPath + ".data");
        _threshold = threshold;
    }

    /// <summary>Whether a tensor goes to the file: strings cannot.</summary>
    public bool Takes(Tensor tensor) => tensor.ElementType.BitWidth() > 0 && tensor.Data.Length > 0 && tensor.Data.Length >= _threshold;

    /// <summary>Writes data once, however many tensors share it, and lets <paramref name="proto"/> refer to it.</summary>
    public void Write(TensorProto proto, TensorData data)
    {
        if (!_offsets.TryGetValue(data, out long offset))
        {
            offset = Append(data);
            _offsets.Add(data, offset);
        }
        proto.DataLocation = 1;
        proto.ExternalData.Add(Entry("location", _location));
        proto.ExternalData.Add(Entry("offset", offset.ToString(CultureInfo.InvariantCulture)));
        proto.ExternalData.Add(Entry("length", data.Length.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Gives the file its name.</summary>
    public void Publish() => _file.Publish();

    public void Dispose() => _file.Dispose();

    private long Append(TensorData data)
    {
        long alignment = data.Length >= PageAlignedFrom ? PageAlignment : LineAlignment;
        long padding = -_file.Stream.Position & (alignment - 1);
        _file.Stream.Write(new byte[padding]);
        long start = _file.Stream.Position;
        for (long done = 0; done < data.Length; done += _buffer.Length)
        {
            Span<byte> chunk = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, data.Length - done));
            data.Read(done, chunk);
            _file.Stream.Write(chunk);
        }
        return start;
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
