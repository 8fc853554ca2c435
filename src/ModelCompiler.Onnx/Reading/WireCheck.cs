using Google.Protobuf.Reflection;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx.Protos;

namespace ModelCompiler.Onnx;

/// <summary>
/// One pass over the bytes of a model, before anything is allocated for them: every length lies within its message, messages and groups (unknown
/// ones too) are not too deep nor too many. What passes can be parsed at a cost proportional to the file.
/// </summary>
internal ref struct WireCheck
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly Frame[] _frames = new Frame[ReadLimits.MessageDepth + 1];
    private int _depth;
    private int _graphDepth;
    private int _position;
    private long _messages;
    private bool _looksLikeModel;

    private WireCheck(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>A message, or a group where <see cref="GroupNumber"/> is not 0, that the walk is in.</summary>
    private struct Frame
    {
        public int End;
        public int GroupNumber;
        public ulong Seen;
        public Schema? Schema;
    }

    /// <summary>Checks the bytes of a model.</summary>
    /// <exception cref="CompilerException">The bytes are no protobuf message (OM1002), end early (OM1003), are malformed (OM1004) or exceed a limit (OM1005); are a well-known other thing (OM1008 to OM1011).</exception>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        var check = new WireCheck(bytes);
        check._frames[0] = new Frame { End = bytes.Length, Schema = Schema.Model };
        check.Walk();
    }

    private void Walk()
    {
        while (true)
        {
            ref Frame frame = ref _frames[_depth];
            if (_position == frame.End)
            {
                if (frame.GroupNumber != 0) throw Malformed("a group is not closed");
                if (_depth == 0) return;
                Leave();
                continue;
            }
            ulong tag = ReadVarint();
            int number = (int)(tag >> 3);
            if (tag > uint.MaxValue || number == 0) throw Malformed("a field has no number");
            ReadField(ref frame, number, (int)(tag & 7));
        }
    }

    private void ReadField(ref Frame frame, int number, int wireType)
    {
        switch (wireType)
        {
            case 0:
                ulong value = ReadVarint();
                // ir_version opens the files of all exporters; what begins otherwise is more likely no model than a broken one.
                if (_depth == 0 && number == ModelProto.IrVersionFieldNumber) _looksLikeModel = value is > 0 and < 1000;
                break;
            case 1:
                Skip(8);
                break;
            case 2:
                ReadLengthDelimited(ref frame, number);
                break;
            case 3:
                Enter(new Frame { End = frame.End, GroupNumber = number });
                break;
            case 4:
                if (number != frame.GroupNumber) throw Malformed("a group ends that was not begun");
                Leave();
                break;
            case 5:
                Skip(4);
                break;
            default:
                throw Malformed($"wire type {wireType} does not exist");
        }
    }

    private void ReadLengthDelimited(ref Frame frame, int number)
    {
        ulong length = ReadVarint();
        if (length > (ulong)(frame.End - _position)) throw length > (ulong)(_bytes.Length - _position) ? Truncated() : Malformed("a field is longer than its message");
        if (frame.Schema?.Child(number) is not { } child)
        {
            _position += (int)length;
            return;
        }
        if (child.IsSingular) CheckOnce(ref frame, number);
        Enter(new Frame { End = _position + (int)length, Schema = child.Schema });
    }

    /// <summary>Protobuf merges a message that is given twice, and its parser copies what it has each time: n copies cost n². No exporter writes that.</summary>
    private readonly void CheckOnce(ref Frame frame, int number)
    {
        ulong bit = 1UL << number;
        if ((frame.Seen & bit) != 0) throw Malformed($"field {number} is given twice");
        frame.Seen |= bit;
    }

    private void Enter(Frame frame)
    {
        if (++_depth > ReadLimits.MessageDepth) throw TooLarge($"messages are nested deeper than {ReadLimits.MessageDepth}");
        if (frame.Schema == Schema.Graph && ++_graphDepth > ReadLimits.GraphDepth) throw TooLarge($"graphs are nested deeper than {ReadLimits.GraphDepth}");
        if (++_messages > ReadLimits.Messages(_bytes.Length)) throw TooLarge($"it has more than {_messages - 1} messages in {_bytes.Length} bytes");
        _frames[_depth] = frame;
    }

    private void Leave()
    {
        if (_frames[_depth].Schema == Schema.Graph) _graphDepth--;
        _depth--;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        int end = _frames[_depth].End;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position == end) throw end == _bytes.Length ? Truncated() : Malformed("a number is longer than its message");
            byte b = _bytes[_position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw Malformed("a number has more than 64 bits");
    }

    private void Skip(int count)
    {
        int end = _frames[_depth].End;
        if (count > end - _position) throw end == _bytes.Length ? Truncated() : Malformed("a number is longer than its message");
        _position += count;
    }

    private readonly CompilerException Truncated() => _looksLikeModel
        ? new CompilerException(DiagnosticTable.ModelTruncated)
        : FileKind.NotOnnx(_bytes);

    private readonly CompilerException Malformed(string what) => _looksLikeModel
        ? new CompilerException(DiagnosticTable.ModelInvalid, $"at byte {_position}, {what}")
        : FileKind.NotOnnx(_bytes);

    private static CompilerException TooLarge(string what) => new(DiagnosticTable.ModelTooLarge, what);

    /// <summary>Which fields of a message are messages, by field number.</summary>
    private sealed class Schema
    {
        private static readonly Dictionary<string, Schema> Known = [];
        private readonly (Schema Schema, bool IsSingular)?[] _children;

        private Schema(MessageDescriptor descriptor)
        {
            Known.Add(descriptor.FullName, this);
            _children = new (Schema, bool)?[64];
            foreach (FieldDescriptor field in descriptor.Fields.InDeclarationOrder())
                if (field.FieldType == FieldType.Message) _children[field.FieldNumber] = (Of(field.MessageType), !field.IsRepeated);
        }

        public static Schema Model { get; } = Of(ModelProto.Descriptor);

        public static Schema Graph { get; } = Of(GraphProto.Descriptor);

        public (Schema Schema, bool IsSingular)? Child(int number) => number < _children.Length ? _children[number] : null;

        private static Schema Of(MessageDescriptor descriptor) => Known.TryGetValue(descriptor.FullName, out Schema? known) ? known : new Schema(descriptor);
    }
}
