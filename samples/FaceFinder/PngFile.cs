using System.Buffers.Binary;
using System.IO.Compression;

namespace FaceFinder;

/// <summary>Writes a PNG file (W3C recommendation, 3rd edition): a signature, then chunks with length, name, bytes and check sum.</summary>
internal static class PngFile
{
    public static void Write(string path, ColorPicture picture)
    {
        using var file = File.Create(path);
        file.Write([137, 80, 78, 71, 13, 10, 26, 10]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        // 8 bits, RGB.
        (header[8], header[9]) = (8, 2);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress(picture));
        WriteChunk(file, "IEND"u8, []);
    }

    /// <summary>Rows, each after a zero: its bytes are not predicted from others.</summary>
    private static byte[] Compress(ColorPicture picture)
    {
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Optimal))
        {
            for (int row = 0; row < picture.Height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(picture.Pixels.AsSpan(row * picture.Width * 3, picture.Width * 3));
            }
        }

        return data.ToArray();
    }

    private static void WriteChunk(FileStream file, ReadOnlySpan<byte> name, byte[] content)
    {
        byte[] chunk = [.. name, .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(chunk);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(chunk));
        file.Write(number);
    }

    /// <summary>CRC-32 of the polynomial 0xEDB88320, bit by bit.</summary>
    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
