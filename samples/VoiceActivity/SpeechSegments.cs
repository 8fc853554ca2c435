namespace VoiceActivity;

/// <summary>Joins the probabilities of frames to stretches of speech.</summary>
internal static class SpeechSegments
{
    private const float Threshold = 0.5f;

    /// <summary>A shorter pause belongs to the sentence around it.</summary>
    private const int LongestPause = 8;

    /// <summary>First and last frame of each stretch.</summary>
    public static IEnumerable<(int First, int Last)> Of(IReadOnlyList<float> probabilities)
    {
        int first = -1, last = -1;
        for (int frame = 0; frame < probabilities.Count; frame++)
        {
            if (probabilities[frame] < Threshold)
            {
                continue;
            }

            if (first >= 0 && frame - last > LongestPause)
            {
                yield return (first, last);
                first = frame;
            }

            first = first < 0 ? frame : first;
            last = frame;
        }

        if (first >= 0)
        {
            yield return (first, last);
        }
    }
}
