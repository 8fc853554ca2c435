using System.Buffers.Binary;

namespace VoiceActivity;

/// <summary>The sound of a WAV file: 16-bit PCM, one channel.</summary>
internal sealed record WavFile(int Rate, float[] Samples)
{
    public static WavFile Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var format = Chunk(bytes, "fmt "u8);
        var (channels, bits) = (BinaryPrimitives.ReadInt16LittleEndian(format[2..]), BinaryPrimitives.ReadInt16LittleEndian(format[14..]));
        if (channels != 1 || bits != 16)
        {
            throw new InvalidDataException($"{path} has {channels} channels of {bits} bits; one of 16 is needed.");
        }

        var data = Chunk(bytes, "data"u8);
        var samples = new float[data.Length / 2];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]) / 32768f;
        }

        return new WavFile(BinaryPrimitives.ReadInt32LittleEndian(format[4..]), samples);
    }

    /// <summary>RIFF: after 12 bytes come chunks, each with a name, a length and its bytes, padded to an even number.</summary>
    private static ReadOnlySpan<byte> Chunk(ReadOnlySpan<byte> file, ReadOnlySpan<byte> name)
    {
        for (int at = 12; at + 8 <= file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]);
            if (file.Slice(at, 4).SequenceEqual(name))
            {
                return file.Slice(at + 8, length);
            }

            at += 8 + length + (length % 2);
        }

        throw new InvalidDataException("The file is no WAV file.");
    }
}
