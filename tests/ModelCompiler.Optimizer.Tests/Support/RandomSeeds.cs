namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>What environment variables say of tests with random models: how many, and the first seed.</summary>
internal static class RandomSeeds
{
    public static int Setting(string name, int defaultValue) => int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : defaultValue;
}
