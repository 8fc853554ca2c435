using System.Diagnostics;
using ModelCompiler.Runtime;

namespace ImageServer;

/// <summary>Takes the pixels of a picture, RGBA, row by row, as a canvas has them. Requests that come at the same time share runs of the model.</summary>
internal static class PredictEndpoint
{
    private const int LargestSide = 1024;
    private const int BytesOfPixel = 4;

    public static async Task<IResult> Predict(int width, int height, HttpRequest request, DigitPredictor predictor, CancellationToken cancellationToken)
    {
        if (width is < 1 or > LargestSide || height is < 1 or > LargestSide)
        {
            return Results.Problem($"A picture of {width} x {height} pixels; each side may have 1 to {LargestSide}.", statusCode: StatusCodes.Status400BadRequest);
        }

        byte[] pixels = new byte[width * height * BytesOfPixel];
        int read = await request.Body.ReadAtLeastAsync(pixels, pixels.Length, throwOnEndOfStream: false, cancellationToken);
        if (read < pixels.Length || await request.Body.ReadAsync(new byte[1], cancellationToken) > 0)
        {
            return Results.Problem($"{width} x {height} pixels take {pixels.Length} bytes: four for each, RGBA.", statusCode: StatusCodes.Status400BadRequest);
        }

        long start = Stopwatch.GetTimestamp();
        var result = await predictor.PredictAsync(new DigitInput { Input = new ImagePixels(pixels, width, height, PixelFormat.Rgba) }, cancellationToken);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var scores = result.Logits.Softmax();
        return Results.Ok(new Answer(scores.Label(), scores.Top(scores.Length).ToDictionary(score => score.Label!, score => score.Score), milliseconds));
    }

    /// <summary>What the page gets.</summary>
    /// <param name="Digit">The best class.</param>
    /// <param name="Probabilities">That of each class, the best one first.</param>
    /// <param name="Milliseconds">From the queue to the answer.</param>
    internal sealed record Answer(string Digit, IReadOnlyDictionary<string, float> Probabilities, double Milliseconds);
}
