using System.Globalization;
using System.Numerics;

namespace ModelCompiler.Tests.Text;

/// <summary>
/// A rendered line of text, as a camera might see it: fonts, sizes, slants, inks and noise differ. The pixels are gray, from −1 for black to 1
/// for white, <see cref="Height"/> rows.
/// </summary>
internal sealed record TextLine(string Text, int Width, float[] Pixels)
{
    /// <summary>The rows of every line: what the recognizer and the classifier take.</summary>
    public const int Height = 48;

    private static readonly Lazy<TrueTypeFont[]> Fonts = new(() =>
        [.. ((string[])["DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono", "DejaVuSerif-Bold", "DejaVuSansCondensed"]).Select(Font)]);

    private static readonly Lazy<TrueTypeFont[]> OtherFonts = new(() =>
        [.. ((string[])["DejaVuSans-Oblique", "DejaVuSansCondensed-Bold", "DejaVuSansMono-Bold", "DejaVuSerifCondensed", "DejaVuSerif-Italic", "DejaVuSansMono-Oblique"]).Select(Font)]);

    private static readonly string[] Words =
    [
        "invoice", "Total", "amount", "quick", "brown", "fox", "jumps", "Zurich", "delivery", "Street", "model", "compiler", "weight", "BERLIN", "paper", "Kyoto",
        "north", "exit", "PRICE", "Queen", "vector", "july", "October", "gas", "water", "electric", "bridge", "KEEP", "left", "warning", "Box", "yellow",
    ];

    /// <summary>Lines of words, numbers, dates and amounts; the same for the same seed.</summary>
    public static IEnumerable<TextLine> Random(int seed, int count)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++) yield return Render(string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Word(random))), Fonts.Value, random);
    }

    /// <summary>Lines unlike those of <see cref="Random(int, int)"/>: other fonts, words of any letters, and up to six of them.</summary>
    public static IEnumerable<TextLine> Unlike(int seed, int count)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++) yield return Render(string.Join(' ', Enumerable.Range(0, random.Next(1, 7)).Select(_ => Letters(random))), OtherFonts.Value, random);
    }

    /// <summary>As <see cref="Random(int, int)"/>, upright or upside down, cut or padded to a width: what tells which way a page lies.</summary>
    public IReadOnlyList<float> Fitted(int width, bool isUpsideDown)
    {
        var pixels = new float[Height * width];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                float gray = Pixels[y * Width + Math.Min(x, Width - 1)];
                pixels[isUpsideDown ? pixels.Length - 1 - (y * width + x) : y * width + x] = gray;
            }
        }
        return pixels;
    }

    private static TrueTypeFont Font(string name) => new(Path.Combine(NpmPackages.Restore("fonts"), "node_modules", "dejavu-fonts-ttf", "ttf", name + ".ttf"));

    private static string Word(Random random) => random.Next(8) switch
    {
        0 => random.Next(100000).ToString(CultureInfo.InvariantCulture),
        1 => string.Create(CultureInfo.InvariantCulture, $"{random.Next(5000)}.{random.Next(100):D2}"),
        2 => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1990, 2030)}-{random.Next(1, 13):D2}-{random.Next(1, 29):D2}"),
        _ => Words[random.Next(Words.Length)],
    };

    /// <summary>Consonants and vowels in turns, as words have them, in small letters, capitals, or figures.</summary>
    private static string Letters(Random random)
    {
        int length = random.Next(2, 9);
        if (random.Next(4) == 0) return string.Concat(Enumerable.Range(0, length).Select(_ => (char)('0' + random.Next(10))));
        string word = string.Concat(Enumerable.Range(0, length).Select(i => i % 2 == 0 ? "bcdfghkmnprstvwz"[random.Next(16)] : "aeou"[random.Next(4)]));
        return random.Next(3) == 0 ? word.ToUpperInvariant() : word;
    }

    private static TextLine Render(string text, TrueTypeFont[] fonts, Random random)
    {
        TrueTypeFont font = fonts[random.Next(fonts.Length)];
        float size = Between(random, 22, 36), slant = Between(random, -0.15f, 0.15f), margin = size / 2, pen = 0;
        var polygons = new List<Vector2[]>();
        float baseline = Height / 2f + 0.35f * size + Between(random, -2, 2);
        foreach (char character in text)
        {
            float left = pen;
            polygons.AddRange(font.Outlines(character).Select(outline =>
                Array.ConvertAll(outline, p => new Vector2(margin + size * (left + p.X + slant * p.Y), baseline - size * p.Y))));
            pen += font.Advance(character);
        }
        int width = (int)(2 * margin + size * pen);
        float[] pixels = PolygonFill.Coverage(polygons, width, Height);
        float paper = Between(random, 0.4f, 1), ink = paper - Between(random, 0.5f, 1.4f), noise = Between(random, 0, 0.15f);
        for (int i = 0; i < pixels.Length; i++) pixels[i] = Math.Clamp(paper + (ink - paper) * Math.Min(1, pixels[i]) + noise * Between(random, -1, 1), -1, 1);
        return new TextLine(text, width, pixels);
    }

    private static float Between(Random random, float low, float high) => low + (high - low) * random.NextSingle();
}
