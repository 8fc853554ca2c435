using System.Globalization;
using System.Text;

namespace FaceFinder;

/// <summary>A PPM file: "P6", width, height and 255 in text, then three bytes for each pixel.</summary>
internal sealed record ColorPicture(int Width, int Height, byte[] Pixels)
{
    public static ColorPicture Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int at = 0;
        string[] header = [.. Enumerable.Range(0, 4).Select(_ => Word(bytes, ref at))];
        if (header[0] != "P6" || header[3] != "255")
        {
            throw new InvalidDataException($"{path} is no PPM file of 8 bits.");
        }

        var (width, height) = (int.Parse(header[1], CultureInfo.InvariantCulture), int.Parse(header[2], CultureInfo.InvariantCulture));
        return new ColorPicture(width, height, bytes[at..]);
    }

    /// <summary>Draws the outline of a box, in the color of a signal.</summary>
    public void Draw(FaceBox box)
    {
        for (int x = (int)box.Left; x <= (int)box.Right; x++)
        {
            Set(x, (int)box.Top);
            Set(x, (int)box.Bottom);
        }

        for (int y = (int)box.Top; y <= (int)box.Bottom; y++)
        {
            Set((int)box.Left, y);
            Set((int)box.Right, y);
        }
    }

    private static string Word(byte[] bytes, ref int at)
    {
        int start = at;
        while (!char.IsWhiteSpace((char)bytes[at]))
        {
            at++;
        }

        return Encoding.ASCII.GetString(bytes, start, at++ - start);
    }

    private void Set(int x, int y)
    {
        if (x >= 0 && x < Width && y >= 0 && y < Height)
        {
            ReadOnlySpan<byte> green = [0, 255, 0];
            green.CopyTo(Pixels.AsSpan(((y * Width) + x) * 3));
        }
    }
}
