using System.Buffers.Binary;
using System.Numerics;

namespace ModelCompiler.Tests.Text;

/// <summary>
/// The outlines of a TrueType font: characters of the basic plane (cmap format 4), glyphs of quadratic splines, single and composite
/// (OpenType specification, chapters "cmap", "glyf" and "hmtx"). Lengths are in ems, y points upwards.
/// </summary>
internal sealed class TrueTypeFont
{
    private const int OnCurve = 1, ShortX = 2, ShortY = 4, Repeat = 8, SameX = 16, SameY = 32;
    private const int WordArguments = 1, Scaled = 8, MoreComponents = 32, ScaledApart = 64, TwoByTwo = 128;

    private readonly byte[] _bytes;
    private readonly Dictionary<string, int> _tables = [];
    private readonly float _unitsPerEm;
    private readonly bool _hasLongOffsets;
    private readonly int _metrics;

    /// <summary>Reads a font file.</summary>
    public TrueTypeFont(string path)
    {
        _bytes = File.ReadAllBytes(path);
        for (int i = 0; i < UInt16(4); i++)
            _tables[System.Text.Encoding.ASCII.GetString(_bytes, 12 + 16 * i, 4)] = (int)UInt32(12 + 16 * i + 8);
        _unitsPerEm = UInt16(_tables["head"] + 18);
        _hasLongOffsets = Int16(_tables["head"] + 50) != 0;
        _metrics = UInt16(_tables["hhea"] + 34);
    }

    /// <summary>How far the pen moves on behind a character.</summary>
    public float Advance(char character) => UInt16(_tables["hmtx"] + 4 * Math.Min(Glyph(character), _metrics - 1)) / _unitsPerEm;

    /// <summary>The closed outlines of a character, splines cut into short lines.</summary>
    public IEnumerable<Vector2[]> Outlines(char character) => Outlines(Glyph(character)).Select(outline => Array.ConvertAll(outline, point => point / _unitsPerEm));

    private int Glyph(char character)
    {
        int cmap = _tables["cmap"], table = -1;
        for (int i = 0; i < UInt16(cmap + 2); i++)
        {
            int at = cmap + (int)UInt32(cmap + 4 + 8 * i + 4);
            if (UInt16(at) == 4) table = at;
        }
        int segments = UInt16(table + 6), ends = table + 14, starts = ends + segments + 2, deltas = starts + segments, offsets = deltas + segments;
        for (int i = 0; i < segments; i += 2)
        {
            if (character > UInt16(ends + i)) continue;
            int start = UInt16(starts + i), offset = UInt16(offsets + i);
            if (character < start) return 0;
            if (offset == 0) return (character + UInt16(deltas + i)) & 0xFFFF;
            return (UInt16(offsets + i + offset + 2 * (character - start)) + UInt16(deltas + i)) & 0xFFFF;
        }
        return 0;
    }

    private List<Vector2[]> Outlines(int glyph)
    {
        int start = Offset(glyph), end = Offset(glyph + 1), at = _tables["glyf"] + start;
        if (start == end) return [];
        int contours = Int16(at);
        return contours < 0 ? Composite(at + 10) : Simple(at + 10, contours);
    }

    private int Offset(int glyph) => _hasLongOffsets ? (int)UInt32(_tables["loca"] + 4 * glyph) : 2 * UInt16(_tables["loca"] + 2 * glyph);

    private List<Vector2[]> Composite(int at)
    {
        var outlines = new List<Vector2[]>();
        int flags;
        do
        {
            flags = UInt16(at);
            int component = UInt16(at + 2);
            bool isWide = (flags & WordArguments) != 0;
            var shift = isWide ? new Vector2(Int16(at + 4), Int16(at + 6)) : new Vector2((sbyte)_bytes[at + 4], (sbyte)_bytes[at + 5]);
            at += isWide ? 8 : 6;
            int numbers = (flags & Scaled) != 0 ? 1 : (flags & ScaledApart) != 0 ? 2 : (flags & TwoByTwo) != 0 ? 4 : 0;
            float[] n = [.. Enumerable.Range(0, numbers).Select(i => Int16(at + 2 * i) / 16384f)];
            at += 2 * numbers;
            Matrix3x2 matrix = numbers switch { 0 => Matrix3x2.Identity, 1 => Matrix3x2.CreateScale(n[0]), 2 => Matrix3x2.CreateScale(n[0], n[1]), _ => new(n[0], n[1], n[2], n[3], 0, 0) };
            outlines.AddRange(Outlines(component).Select(outline => Array.ConvertAll(outline, point => Vector2.Transform(point, matrix) + shift)));
        }
        while ((flags & MoreComponents) != 0);
        return outlines;
    }

    private List<Vector2[]> Simple(int at, int contours)
    {
        int[] ends = [.. Enumerable.Range(0, contours).Select(i => (int)UInt16(at + 2 * i))];
        int count = ends[^1] + 1;
        at += 2 * contours;
        at += 2 + UInt16(at);
        var flags = new byte[count];
        for (int i = 0; i < count;)
        {
            byte flag = _bytes[at++];
            int times = (flag & Repeat) != 0 ? _bytes[at++] + 1 : 1;
            while (times-- > 0) flags[i++] = flag;
        }
        float[] x = Coordinates(flags, ShortX, SameX, ref at), y = Coordinates(flags, ShortY, SameY, ref at);
        return [.. ends.Select((end, i) => Flattened(i == 0 ? 0 : ends[i - 1] + 1, end))];

        Vector2[] Flattened(int first, int last)
        {
            (Vector2 Point, bool IsOn)[] points = [.. Enumerable.Range(first, last - first + 1).Select(i => (new Vector2(x[i], y[i]), (flags[i] & OnCurve) != 0))];
            return SplineFlattening.Lines(points);
        }
    }

    private float[] Coordinates(byte[] flags, int isShort, int isSame, ref int at)
    {
        var result = new float[flags.Length];
        int value = 0;
        for (int i = 0; i < flags.Length; i++)
        {
            if ((flags[i] & isShort) != 0) value += (flags[i] & isSame) != 0 ? _bytes[at++] : -_bytes[at++];
            else if ((flags[i] & isSame) == 0)
            {
                value += Int16(at);
                at += 2;
            }
            result[i] = value;
        }
        return result;
    }

    private ushort UInt16(int at) => BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(at));

    private short Int16(int at) => BinaryPrimitives.ReadInt16BigEndian(_bytes.AsSpan(at));

    private uint UInt32(int at) => BinaryPrimitives.ReadUInt32BigEndian(_bytes.AsSpan(at));
}
