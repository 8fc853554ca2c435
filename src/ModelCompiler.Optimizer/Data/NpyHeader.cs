using System.Buffers.Binary;
using System.Text;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// The head of a <c>.npy</c> file, versions 1 to 3 (NumPy Enhancement Proposal 1): magic, version, length, and a Python dictionary that gives
/// element type, order and dimensions.
/// </summary>
internal sealed record NpyHeader
{
    private const int PrefixLength = 8;
    private const int MaxTextLength = 1 << 16;

    private NpyHeader(ElementType elementType, bool isBigEndian, bool isFortranOrder, long[] shape, int length)
    {
        ElementType = elementType;
        IsBigEndian = isBigEndian;
        IsFortranOrder = isFortranOrder;
        Shape = shape;
        Length = length;
    }

    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public ElementType ElementType { get; }

    /// <summary>Whether the bytes of each number stand in the order that this compiler does not use.</summary>
    public bool IsBigEndian { get; }

    /// <summary>Whether the first index varies fastest.</summary>
    public bool IsFortranOrder { get; }

    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes before the data.</summary>
    public int Length { get; }

    public int ElementSize => ElementType.BitWidth() / 8;

    /// <summary>Bytes of data; computed without overflow when the header was read.</summary>
    public long DataLength => Shape.Aggregate((long)ElementSize, (size, dim) => size * dim);

    /// <summary>Reads the header and leaves the stream at the data.</summary>
    /// <param name="stream">The file, at its beginning.</param>
    /// <param name="where">The file, and the array in it, for messages.</param>
    /// <exception cref="CompilerException">The file is no array of numbers.</exception>
    public static NpyHeader Read(Stream stream, string where)
    {
        Span<byte> prefix = stackalloc byte[PrefixLength + 4];
        if (stream.ReadAtLeast(prefix[..PrefixLength], PrefixLength, false) < PrefixLength || !prefix.StartsWith(Magic))
            throw DiagnosticTable.ArrayInvalid.Error(where, "it does not begin as a .npy file does");
        int version = prefix[6];
        if (version is < 1 or > 3) throw DiagnosticTable.ArrayInvalid.Error(where, $"version {version} of the format is not known");
        int lengthSize = version == 1 ? 2 : 4;
        Span<byte> lengthBytes = prefix.Slice(PrefixLength, lengthSize);
        ReadAll(stream, lengthBytes, where);
        uint textLength = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (textLength > MaxTextLength) throw DiagnosticTable.ArrayInvalid.Error(where, $"its header claims {textLength} bytes");
        byte[] text = new byte[textLength];
        ReadAll(stream, text, where);
        var fields = new NpyHeaderText(version == 3 ? Encoding.UTF8.GetString(text) : Encoding.Latin1.GetString(text), where);
        return Create(fields, PrefixLength + lengthSize + (int)textLength, where);
    }

    private static NpyHeader Create(NpyHeaderText fields, int length, string where)
    {
        (ElementType type, bool isBigEndian) = ParseType(fields.Descr, where);
        try
        {
            long size = type.BitWidth() / 8;
            foreach (long dim in fields.Shape) size = checked(size * Math.Max(dim, 1));
        }
        catch (OverflowException)
        {
            throw DiagnosticTable.ArrayInvalid.Error(where, "its dimensions overflow");
        }
        return new NpyHeader(type, isBigEndian, fields.IsFortranOrder, fields.Shape, length);
    }

    /// <summary>NumPy's names of types: byte order, kind, bytes.</summary>
    private static (ElementType Type, bool IsBigEndian) ParseType(string? descr, string where)
    {
        if (descr is null) throw DiagnosticTable.ArrayTypeUnsupported.Error(where, "a structure of several fields");
        bool hasOrder = descr.Length > 0 && descr[0] is '<' or '>' or '|' or '=';
        string kind = hasOrder ? descr[1..] : descr;
        if (kind.StartsWith('O')) throw DiagnosticTable.ArrayPickled.Error(where);
        ElementType type = kind switch
        {
            "b1" or "?" => ElementType.Bool,
            "i1" => ElementType.Int8,
            "i2" => ElementType.Int16,
            "i4" => ElementType.Int32,
            "i8" => ElementType.Int64,
            "u1" => ElementType.UInt8,
            "u2" => ElementType.UInt16,
            "u4" => ElementType.UInt32,
            "u8" => ElementType.UInt64,
            "f2" => ElementType.Float16,
            "f4" => ElementType.Float,
            "f8" => ElementType.Double,
            "c8" => ElementType.Complex64,
            "c16" => ElementType.Complex128,
            _ => throw DiagnosticTable.ArrayTypeUnsupported.Error(where, $"'{descr}'"),
        };
        return (type, descr[0] == '>');
    }

    private static void ReadAll(Stream stream, Span<byte> buffer, string where)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, false) < buffer.Length)
            throw DiagnosticTable.ArrayInvalid.Error(where, "it ends within its header");
    }
}
