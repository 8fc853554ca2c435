namespace ModelCompiler.Optimizer.Quantization.Dense;

/// <summary>How many bits the weights of each layer take: a default, and the layers that differ, where 0 stands for floating point.</summary>
internal sealed record WeightBits(int Default, IReadOnlyDictionary<string, int> Others)
{
    public WeightBits(int bits)
        : this(bits, new Dictionary<string, int>()) { }

    /// <summary>The bits of a layer.</summary>
    public int Of(string layer) => Others.GetValueOrDefault(layer, Default);
}
