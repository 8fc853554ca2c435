using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>The execution providers of the item reach the generated predictor, with their options.</summary>
public sealed class ProvidersTests
{
    [Fact]
    public void Each_provider_has_the_options_that_are_its_own()
    {
        string source = new GeneratorRun(Digits with
        {
            ExecutionProviders = new(["TensorRt", "Cuda", "Cpu"]),
            ProviderOptions = new([new("TensorRt", "trt_engine_cache_path", "engines"), new("TensorRt", "device_id", "1"), new("Cuda", "device_id", "0")]),
            HostNodes = new(["sizes/\u2028", "Shape_1"]),
        }).AssertCompiles().Source;

        Assert.Contains("""ExecutionProvider.TensorRt, new global::System.Collections.Generic.Dictionary<string, string> { ["trt_engine_cache_path"] = "engines", ["device_id"] = "1" })""", source, StringComparison.Ordinal);
        Assert.Contains("""ExecutionProvider.Cuda, new global::System.Collections.Generic.Dictionary<string, string> { ["device_id"] = "0" })""", source, StringComparison.Ordinal);
        Assert.Contains("ExecutionProvider.Cpu),", source, StringComparison.Ordinal);
        Assert.Contains("\"Shape_1\",", source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_that_needs_exact_integers_says_so(bool isNeeded) => Assert.Equal(
        isNeeded,
        new GeneratorRun(Digits with { NeedsExactIntegers = isNeeded }).AssertCompiles().Source.Contains("ExactIntegers = true,", StringComparison.Ordinal));
}
