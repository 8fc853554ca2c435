namespace ModelCompiler.Optimizer.Data;

/// <summary>Numbers of mean 0 and variance 1 (Box and Muller 1958, "A Note on the Generation of Random Normal Deviates").</summary>
internal static class NormalNumbers
{
    /// <summary>The next one.</summary>
    public static double NextNormal(this Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
