using System.Numerics;

namespace ModelCompiler.Tests.Text;

/// <summary>The share of each pixel that polygons cover, by the rule of nonzero winding: exact along a row, four rows to a pixel.</summary>
internal static class PolygonFill
{
    private const int Rows = 4;

    /// <summary>Coverage from 0 to 1, row by row, the first row on top; y of the polygons points downwards.</summary>
    public static float[] Coverage(IReadOnlyList<Vector2[]> polygons, int width, int height)
    {
        var coverage = new float[width * height];
        var crossings = new List<(float X, int Direction)>();
        for (int row = 0; row < height * Rows; row++)
        {
            crossings.Clear();
            foreach (Vector2[] polygon in polygons) Cross(polygon, (row + 0.5f) / Rows, crossings);
            crossings.Sort();
            Span<float> pixels = coverage.AsSpan(row / Rows * width, width);
            int winding = 0;
            for (int i = 0; i + 1 < crossings.Count; i++)
            {
                winding += crossings[i].Direction;
                if (winding != 0) Add(pixels, crossings[i].X, crossings[i + 1].X);
            }
        }
        return coverage;
    }

    private static void Cross(Vector2[] polygon, float y, List<(float, int)> crossings)
    {
        for (int i = 0; i < polygon.Length; i++)
        {
            Vector2 a = polygon[i], b = polygon[(i + 1) % polygon.Length];
            if (a.Y <= y == b.Y <= y) continue;
            crossings.Add((a.X + (y - a.Y) / (b.Y - a.Y) * (b.X - a.X), a.Y < b.Y ? 1 : -1));
        }
    }

    private static void Add(Span<float> pixels, float from, float to)
    {
        for (int x = Math.Max(0, (int)from); x < Math.Min(pixels.Length, to); x++)
            pixels[x] += Math.Max(0, Math.Min(to, x + 1) - Math.Max(from, x)) / Rows;
    }
}
