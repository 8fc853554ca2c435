using System.Buffers.Binary;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Passes an entry of a ZIP archive on and checks its CRC-32 (polynomial 0xEDB88320, PKWARE APPNOTE 4.4.7) at the end: the archive reader of
/// .NET does not, and a flipped bit in a calibration file would quietly become a wrong range.
/// </summary>
internal sealed class Crc32Stream(Stream inner, uint expected) : Stream
{
    /// <summary>Bytes that are looked up at once: one after the other, each waits for the one before.</summary>
    private const int Slice = 8;

    private static readonly uint[][] Tables = BuildTables();
    private uint _crc = uint.MaxValue;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">The data is not what was put into the archive.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        _crc = Next(_crc, buffer[..count]);
        bool isAtEnd = count == 0 && buffer.Length > 0;
        return isAtEnd && ~_crc != expected ? throw new InvalidDataException("The checksum does not match") : count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Slicing by eight (Kounavis and Berry 2005): table t holds what a byte comes to with t bytes of zeros behind it.</summary>
    private static uint Next(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= Slice; bytes = bytes[Slice..])
        {
            uint first = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes), second = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = Tables[7][(byte)first] ^ Tables[6][(byte)(first >> 8)] ^ Tables[5][(byte)(first >> 16)] ^ Tables[4][first >> 24]
                ^ Tables[3][(byte)second] ^ Tables[2][(byte)(second >> 8)] ^ Tables[1][(byte)(second >> 16)] ^ Tables[0][second >> 24];
        }
        foreach (byte b in bytes) crc = Tables[0][(byte)(crc ^ b)] ^ (crc >> 8);
        return crc;
    }

    private static uint[][] BuildTables()
    {
        uint[][] tables = [.. Enumerable.Range(0, Slice).Select(_ => new uint[256])];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            tables[0][i] = value;
        }
        for (int t = 1; t < Slice; t++)
            for (int i = 0; i < 256; i++) tables[t][i] = tables[0][(byte)tables[t - 1][i]] ^ (tables[t - 1][i] >> 8);
        return tables;
    }
}
