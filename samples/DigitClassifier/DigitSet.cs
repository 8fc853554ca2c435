namespace DigitClassifier;

/// <summary>Handwritten digits that the model never trained on, each with what it shows.</summary>
internal sealed class DigitSet
{
    /// <summary>Width and height of an image in pixels.</summary>
    public const int Side = 28;

    private readonly float[] _pixels;
    private readonly long[] _labels;

    private DigitSet(float[] pixels, long[] labels)
    {
        _pixels = pixels;
        _labels = labels;
    }

    public int Count => _labels.Length;

    /// <summary>Reads the arrays <c>input</c> (float32 [n, 1, 28, 28]) and <c>labels</c> (int64 [n]).</summary>
    public static DigitSet Load(string path)
    {
        float[] pixels = NpzFile.Read<float>(path, "input");
        long[] labels = NpzFile.Read<long>(path, "labels");
        if (labels.Length == 0 || pixels.Length != labels.Length * Side * Side)
        {
            throw new InvalidDataException(
                $"{path} holds {pixels.Length} pixels for {labels.Length} labels: expected {Side * Side} for each.");
        }

        return new DigitSet(pixels, labels);
    }

    /// <summary>Row-major pixels of one digit, 0 for paper to 1 for ink.</summary>
    public ReadOnlySpan<float> Image(int index) => _pixels.AsSpan(index * Side * Side, Side * Side);

    public int Label(int index) => (int)_labels[index];
}
