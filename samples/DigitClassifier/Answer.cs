namespace DigitClassifier;

/// <summary>The digit that a model reads, and the probability that it gives to it.</summary>
internal readonly record struct Answer(int Digit, float Confidence)
{
    /// <summary>The largest logit, and its softmax.</summary>
    public static Answer FromLogits(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int digit = 1; digit < logits.Length; digit++)
        {
            if (logits[digit] > logits[best])
            {
                best = digit;
            }
        }

        float sum = 0;
        foreach (float logit in logits)
        {
            sum += MathF.Exp(logit - logits[best]);
        }

        return new Answer(best, 1 / sum);
    }
}
