using System.Runtime.InteropServices;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Data;

/// <summary>Reads the arrays of one file side by side, one run of the model at a time.</summary>
internal sealed class BatchReader : IDisposable
{
    private readonly SampleLayout _layout;
    private readonly List<InputReader> _inputs = [];
    private readonly long[] _labels;
    private long _read;

    public BatchReader(ArrayContainer container, SampleLayout layout, int batchSize)
    {
        _layout = layout;
        _labels = layout.Labels is null ? [] : ReadLabels(container);
        foreach (InputLayout input in layout.Inputs) _inputs.Add(new InputReader(container, input, layout.EntriesPerRun(input, batchSize), layout.IsPadded));
    }

    /// <summary>The next run's inputs, or null at the end.</summary>
    public SampleBatch? Next()
    {
        long left = _layout.Count - _read;
        if (left == 0)
        {
            foreach (InputReader input in _inputs) input.ExpectEnd();
            return null;
        }
        (string, TensorBuffer)[] tensors = [.. _inputs.Select(input => (input.Name, input.Next()))];
        InputReader? batched = _inputs.Find(input => input.Mode == InputMode.Rows);
        int validRows = batched?.ValidRows ?? 1;
        ReadOnlyMemory<long> labels = _labels.Length > 0 ? _labels.AsMemory((int)_read, validRows) : default;
        _read += validRows;
        return new SampleBatch(tensors, batched?.Rows ?? 1, validRows, labels) { NotFinite = _inputs.Select(input => input.NotFinite).FirstOrDefault(error => error is not null) };
    }

    public void Dispose()
    {
        foreach (InputReader input in _inputs) input.Dispose();
    }

    private static long[] ReadLabels(ArrayContainer container)
    {
        using NpyReader reader = container.Open(SampleSet.LabelsName);
        NpyHeader header = reader.Header;
        byte[] bytes = new byte[header.DataLength];
        reader.Read(bytes);
        reader.ExpectEnd();
        return header.ElementType switch
        {
            ElementType.Int8 => Array.ConvertAll(Cast<sbyte>(bytes), x => (long)x),
            ElementType.UInt8 => Array.ConvertAll(bytes, x => (long)x),
            ElementType.Int16 => Array.ConvertAll(Cast<short>(bytes), x => (long)x),
            ElementType.UInt16 => Array.ConvertAll(Cast<ushort>(bytes), x => (long)x),
            ElementType.Int32 => Array.ConvertAll(Cast<int>(bytes), x => (long)x),
            ElementType.UInt32 => Array.ConvertAll(Cast<uint>(bytes), x => (long)x),
            _ => Cast<long>(bytes),
        };
    }

    private static T[] Cast<T>(byte[] bytes)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes).ToArray();

    /// <summary>Reads one array into memory that is used again for each run.</summary>
    private sealed class InputReader : IDisposable
    {
        private readonly InputLayout _layout;
        private readonly NpyReader _reader;
        private readonly TensorBuffer _tensor;
        private readonly bool _isPadded;
        private readonly long _entriesPerRun;
        private readonly int _entryElements;
        private readonly byte[] _given;
        private long _left;

        public InputReader(ArrayContainer container, InputLayout layout, long entriesPerRun, bool isPadded)
        {
            _layout = layout;
            _reader = container.Open(layout.Input.Name);
            _isPadded = isPadded;
            _entriesPerRun = isPadded ? entriesPerRun : Math.Clamp(layout.Entries, 1, entriesPerRun);
            _left = layout.Entries;
            if (!_reader.Header.Shape.SequenceEqual(layout.Header.Shape) || _reader.Header.ElementType != layout.Header.ElementType)
                throw DiagnosticTable.ArrayInvalid.Error($"'{Name}'", "the file was changed while it was in use");
            _tensor = CreateBuffer(_entriesPerRun);
            _entryElements = (int)(_tensor.Length / _entriesPerRun);
            _given = layout.IsConverted ? new byte[_entryElements * layout.Header.ElementType.BitWidth() / 8] : [];
            if (Mode == InputMode.Shared) ReadEntries(_tensor, 1);
        }

        public string Name => _layout.Input.Name;

        public InputMode Mode => _layout.Mode;

        /// <summary>Rows of the tensor that was read last.</summary>
        public int Rows { get; private set; }

        /// <summary>Rows of it that are samples.</summary>
        public int ValidRows { get; private set; }

        /// <summary>What to say of an infinity in it; null for none.</summary>
        public CompilerException? NotFinite { get; private set; }

        public TensorBuffer Next()
        {
            if (Mode == InputMode.Shared) return _tensor;
            int count = (int)Math.Min(_entriesPerRun, _left);
            TensorBuffer target = count == _entriesPerRun || _isPadded ? _tensor : CreateBuffer(count);
            ReadEntries(target, count);
            ValidRows = count;
            Rows = ReferenceEquals(target, _tensor) ? (int)_entriesPerRun : count;
            int entryBytes = target.Bytes.Length / Rows;
            ReadOnlySpan<byte> last = target.Bytes.Slice((count - 1) * entryBytes, entryBytes);
            for (int row = count; row < Rows; row++) last.CopyTo(target.Bytes[(row * entryBytes)..]);
            _left -= count;
            return target;
        }

        public void ExpectEnd() => _reader.ExpectEnd();

        public void Dispose() => _reader.Dispose();

        private TensorBuffer CreateBuffer(long entries)
        {
            long[] shape = [.. _layout.Header.Shape];
            if (Mode == InputMode.Whole) shape = shape[1..];
            else if (Mode == InputMode.Rows) shape[0] = entries;
            try
            {
                return TensorBuffer.Create((TensorElementType)_layout.Input.ElementType, shape);
            }
            catch (Exception e) when (e is ArgumentException or OverflowException)
            {
                throw DiagnosticTable.ArrayInvalid.Error($"'{Name}'", $"one run of {_layout.Input.ElementType} [{string.Join(", ", shape)}] does not fit in memory");
            }
        }

        private void ReadEntries(TensorBuffer target, int entries)
        {
            ElementType type = _layout.Input.ElementType, given = _layout.Header.ElementType;
            int bytesPerEntry = _entryElements * type.BitWidth() / 8;
            if (!_layout.IsConverted)
            {
                _reader.Read(target.Bytes[..(entries * bytesPerEntry)]);
            }
            else
            {
                for (int entry = 0; entry < entries; entry++)
                {
                    _reader.Read(_given);
                    ElementConversion.Convert(given, _given, type, target.Bytes.Slice(entry * bytesPerEntry, bytesPerEntry), $"'{Name}'");
                }
            }
            NotFinite = _reader.TakeNotFinite();
        }
    }
}
