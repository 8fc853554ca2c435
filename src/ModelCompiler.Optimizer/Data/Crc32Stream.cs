namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Passes an entry of a ZIP archive on and checks its CRC-32 (polynomial 0xEDB88320, PKWARE APPNOTE 4.4.7) at the end: the archive reader of
/// .NET does not, and a flipped bit in a calibration file would quietly become a wrong range.
/// </summary>
internal sealed class Crc32Stream(Stream inner, uint expected) : Stream
{
    private static readonly uint[] Table = BuildTable();
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
        foreach (byte b in buffer[..count]) _crc = Table[(byte)(_crc ^ b)] ^ (_crc >> 8);
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

    private static uint[] BuildTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
