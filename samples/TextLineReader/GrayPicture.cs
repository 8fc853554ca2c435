using System.Globalization;
using System.Text;

namespace TextLineReader;

/// <summary>A PGM file: "P5", width, height and 255 in text, then a byte for each pixel.</summary>
internal sealed record GrayPicture(int Width, int Height, byte[] Pixels)
{
    public static GrayPicture Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int at = 0;
        string[] header = [.. Enumerable.Range(0, 4).Select(_ => Word(bytes, ref at))];
        if (header[0] != "P5" || header[3] != "255")
        {
            throw new InvalidDataException($"{path} is no PGM file of 8 bits.");
        }

        var (width, height) = (int.Parse(header[1], CultureInfo.InvariantCulture), int.Parse(header[2], CultureInfo.InvariantCulture));
        return new GrayPicture(width, height, bytes[at..]);
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
}
