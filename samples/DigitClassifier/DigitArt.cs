namespace DigitClassifier;

/// <summary>Draws digits with braille patterns: two by four pixels a character, so that 28 by 28 takes 14 by 7.</summary>
internal static class DigitArt
{
    /// <summary>Characters in a line of a drawing.</summary>
    public const int Width = DigitSet.Side / DotsAcross;

    /// <summary>Lines of a drawing.</summary>
    public const int Height = DigitSet.Side / DotsDown;

    private const int DotsAcross = 2;
    private const int DotsDown = 4;
    private const float Ink = 0.4f;
    private const char NoDots = '\u2800';

    // Unicode numbers the dots 1 2 3 7 down the left column and 4 5 6 8 down the right one.
    private static readonly int[,] DotBits = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>The lines of the drawing, top to bottom, each <see cref="Width"/> characters.</summary>
    public static string[] Draw(ReadOnlySpan<float> image)
    {
        var lines = new string[Height];
        Span<char> line = stackalloc char[Width];
        for (int row = 0; row < lines.Length; row++)
        {
            for (int column = 0; column < line.Length; column++)
            {
                line[column] = Cell(image, row * DotsDown, column * DotsAcross);
            }

            lines[row] = line.ToString();
        }

        return lines;
    }

    private static char Cell(ReadOnlySpan<float> image, int top, int left)
    {
        int dots = 0;
        for (int y = 0; y < DotsDown; y++)
        {
            for (int x = 0; x < DotsAcross; x++)
            {
                if (image[((top + y) * DigitSet.Side) + left + x] >= Ink)
                {
                    dots |= DotBits[y, x];
                }
            }
        }

        return (char)(NoDots + dots);
    }
}
