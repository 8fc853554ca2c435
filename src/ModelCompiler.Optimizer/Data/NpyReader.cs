using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Reads the elements of a <c>.npy</c> array from front to back, as this compiler holds them: little-endian, last index fastest. An array in
/// Fortran order is the exception that is held whole, for its first elements stand all over the file.
/// </summary>
internal sealed class NpyReader : IDisposable
{
    private readonly Stream _stream;
    private readonly string _where;
    private readonly FiniteNumbers _finite;
    private Stream _source;

    /// <summary>A reader that owns <paramref name="stream"/>, which stands at the beginning of the file.</summary>
    /// <exception cref="CompilerException">The file is no array of numbers.</exception>
    public NpyReader(Stream stream, string where)
    {
        _stream = stream;
        _where = where;
        _source = stream;
        Header = NpyHeader.Read(stream, where);
        _finite = new FiniteNumbers(Header, where);
    }

    public NpyHeader Header { get; }

    /// <summary>Fills <paramref name="destination"/>, a whole number of elements, with the next elements.</summary>
    /// <exception cref="CompilerException">The file ends before, or one of them is NaN.</exception>
    public void Read(Span<byte> destination)
    {
        if (ReferenceEquals(_source, _stream) && Header.IsFortranOrder && Header.Shape.Count > 1) _source = new MemoryStream(ReadTransposed());
        ReadAll(_source, destination);
        if (Header.IsBigEndian) ReverseBytes(destination);
        _finite.Read(destination);
    }

    /// <inheritdoc cref="FiniteNumbers.TakeNotFinite"/>
    public CompilerException? TakeNotFinite() => _finite.TakeNotFinite();

    /// <summary>Reads past the last element, where a damaged container shows.</summary>
    /// <exception cref="CompilerException">There is more data than the header says.</exception>
    public void ExpectEnd()
    {
        try
        {
            if (_stream.ReadByte() < 0) return;
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e);
        }
        throw DiagnosticTable.ArrayInvalid.Error(_where, "it has more data than its header says");
    }

    public void Dispose() => _stream.Dispose();

    private byte[] ReadTransposed()
    {
        if (Header.DataLength > Array.MaxLength)
            throw DiagnosticTable.ArrayInvalid.Error(_where, "an array in Fortran order of more than 2 GB cannot be read; save it in C order (numpy.ascontiguousarray)");
        byte[] source = new byte[Header.DataLength];
        ReadAll(_stream, source);
        byte[] target = new byte[source.Length];
        int size = Header.ElementSize;
        long[] strides = FortranStrides();
        long[] index = new long[strides.Length];
        long from = 0;
        for (int to = 0; to < target.Length; to += size)
        {
            source.AsSpan((int)from * size, size).CopyTo(target.AsSpan(to));
            for (int axis = index.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < Header.Shape[axis]) break;
                from -= strides[axis] * Header.Shape[axis];
                index[axis] = 0;
            }
        }
        return target;
    }

    private long[] FortranStrides()
    {
        long[] strides = new long[Header.Shape.Count];
        long stride = 1;
        for (int axis = 0; axis < strides.Length; axis++)
        {
            strides[axis] = stride;
            stride *= Header.Shape[axis];
        }
        return strides;
    }

    private void ReadAll(Stream stream, Span<byte> destination)
    {
        try
        {
            stream.ReadExactly(destination);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw Damaged(e);
        }
    }

    private CompilerException Damaged(Exception e) => DiagnosticTable.ArrayInvalid.Error(
        _where, e is EndOfStreamException ? "it ends before its last element" : $"its compressed data is damaged ({e.Message.TrimEnd('.')})");

    /// <summary>A complex number is two numbers, each of which is reversed.</summary>
    private void ReverseBytes(Span<byte> data)
    {
        int size = Header.ElementType is ElementType.Complex64 or ElementType.Complex128 ? Header.ElementSize / 2 : Header.ElementSize;
        for (int i = 0; size > 1 && i < data.Length; i += size) data.Slice(i, size).Reverse();
    }
}
