namespace ModelCompiler.Onnx.Tests.Fixtures;

/// <summary>Damages bytes in the ways that find faults in parsers.</summary>
internal static class Mutator
{
    private static readonly byte[] Telling = [0x00, 0x01, 0x7F, 0x80, 0xFF, 0x0B, 0x0C];

    public static byte[] Mutate(byte[] seed, Random random)
    {
        byte[] bytes = seed;
        int rounds = random.Next(1, 4);
        for (int i = 0; i < rounds && bytes.Length > 0; i++) bytes = Once(bytes, random);
        return bytes;
    }

    private static byte[] Once(byte[] source, Random random)
    {
        var bytes = (byte[])source.Clone();
        int at = random.Next(bytes.Length);
        switch (random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = Telling[random.Next(Telling.Length)];
                return bytes;
            case 2:
                bytes[at]++;
                return bytes;
            case 3:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 9))..]];
            case 4:
                int from = random.Next(bytes.Length);
                return [.. bytes[..at], .. bytes[from..Math.Min(bytes.Length, from + random.Next(1, 64))], .. bytes[at..]];
            default:
                // The largest numbers that a varint can hold, in place of what stands there.
                return [.. bytes[..at], 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)random.Next(0x80), .. bytes[at..]];
        }
    }
}
