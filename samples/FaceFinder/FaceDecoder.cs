using ModelCompiler.Runtime;

namespace FaceFinder;

/// <summary>
/// Faces of BlazeFace's outputs (Bazarevsky et al. 2019): two grids over the picture, several anchors in each cell, and for each anchor a
/// score and a box around the middle of its cell.
/// </summary>
internal static class FaceDecoder
{
    private const int Side = 128;
    private const int Numbers = 16;
    private const float Threshold = 0.6f;
    private const float SameFace = 0.3f;

    /// <summary>The faces, the surest first.</summary>
    /// <param name="result">What the model gave.</param>
    /// <param name="width">Width of the picture.</param>
    /// <param name="height">Height of the picture.</param>
    public static List<FaceBox> Decode(FaceOutput result, int width, int height)
    {
        // The picture was brought to a square by black borders, and then to the model's size.
        float scale = (float)Math.Max(width, height) / Side, left = (Math.Max(width, height) - width) / 2, top = (Math.Max(width, height) - height) / 2;
        var boxes = Boxes(result.LargeScores, result.LargeBoxes, 16, 2).Concat(Boxes(result.SmallScores, result.SmallBoxes, 8, 6))
            .Select(box => new FaceBox((box.Left * scale) - left, (box.Top * scale) - top, (box.Right * scale) - left, (box.Bottom * scale) - top, box.Score));
        var faces = new List<FaceBox>();
        foreach (var box in boxes.OrderByDescending(box => box.Score))
        {
            if (faces.TrueForAll(face => face.Overlap(box) < SameFace))
            {
                faces.Add(box);
            }
        }

        return faces;
    }

    private static IEnumerable<FaceBox> Boxes(PredictionTensor<float> scores, PredictionTensor<float> boxes, int grid, int anchors)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            float score = 1 / (1 + MathF.Exp(-scores.Span[i]));
            if (score < Threshold)
            {
                continue;
            }

            int cell = i / anchors;
            float middle = (float)Side / grid;
            var box = boxes.Span.Slice(i * Numbers, 4);
            float x = (((cell % grid) + 0.5f) * middle) + box[0], y = (((cell / grid) + 0.5f) * middle) + box[1];
            yield return new FaceBox(x - (box[2] / 2), y - (box[3] / 2), x + (box[2] / 2), y + (box[3] / 2), score);
        }
    }
}
