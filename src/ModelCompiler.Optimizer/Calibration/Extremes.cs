namespace ModelCompiler.Optimizer.Calibration;

/// <summary>The largest of numbers that come one for each sample, in descending order, and how many came.</summary>
internal sealed class Extremes
{
    /// <summary>How many are kept.</summary>
    public const int Capacity = 17;

    private readonly float[] _largest = new float[Capacity];

    /// <summary>The number of samples.</summary>
    public int Samples { get; private set; }

    /// <summary>Those that are kept, the largest first.</summary>
    public ReadOnlySpan<float> Largest => _largest.AsSpan(0, Math.Min(Samples, Capacity));

    /// <summary>Takes the number of one more sample.</summary>
    public void Add(float value)
    {
        int at = Math.Min(Samples++, Capacity);
        while (at > 0 && _largest[at - 1] < value) at--;
        if (at == Capacity) return;
        _largest.AsSpan(at, Capacity - 1 - at).CopyTo(_largest.AsSpan(at + 1));
        _largest[at] = value;
    }

    /// <summary>The same with every number beyond the limits at the limit.</summary>
    public Extremes Clamped(float min, float max)
    {
        var clamped = new Extremes { Samples = Samples };
        for (int i = 0; i < Capacity; i++) clamped._largest[i] = Math.Clamp(_largest[i], min, max);
        return clamped;
    }
}
