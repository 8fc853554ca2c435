namespace FaceFinder;

/// <summary>A face in a picture, in its pixels, and how sure the model is, from 0 to 1.</summary>
internal readonly record struct FaceBox(float Left, float Top, float Right, float Bottom, float Score)
{
    private float Area => Math.Max(0, Right - Left) * Math.Max(0, Bottom - Top);

    /// <summary>The share of both boxes that is in both.</summary>
    public float Overlap(FaceBox other)
    {
        var both = new FaceBox(Math.Max(Left, other.Left), Math.Max(Top, other.Top), Math.Min(Right, other.Right), Math.Min(Bottom, other.Bottom), 0);
        return both.Area / (Area + other.Area - both.Area);
    }
}
