using System.Numerics;

namespace ModelCompiler.Tests.Text;

/// <summary>Closed chains of quadratic Bézier splines as polygons. Between two control points off the curve lies, in the middle, one on it.</summary>
internal static class SplineFlattening
{
    private const int Pieces = 6;

    /// <summary>The corners of the polygon.</summary>
    public static Vector2[] Lines(IReadOnlyList<(Vector2 Point, bool IsOn)> points)
    {
        var result = new List<Vector2>();
        Vector2 from = Start(points);
        for (int i = 0; i < points.Count; i++)
        {
            (Vector2 point, bool isOn) = points[i];
            (Vector2 next, bool isNextOn) = points[(i + 1) % points.Count];
            if (isOn)
            {
                result.Add(from = point);
                continue;
            }
            Vector2 to = isNextOn ? next : (point + next) / 2;
            for (int k = 1; k <= Pieces; k++) result.Add(Spline(from, point, to, k / (float)Pieces));
            from = to;
        }
        return [.. result];
    }

    private static Vector2 Start(IReadOnlyList<(Vector2 Point, bool IsOn)> points) => points[^1].IsOn ? points[^1].Point : (points[^1].Point + points[0].Point) / 2;

    private static Vector2 Spline(Vector2 from, Vector2 control, Vector2 to, float t) => (1 - t) * (1 - t) * from + 2 * t * (1 - t) * control + t * t * to;
}
