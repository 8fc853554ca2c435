using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers;

public class ProviderDescriptionTests
{
    [Fact]
    public void Each_provider_has_one_and_is_found_by_its_runtime_name()
    {
        Assert.Equal(Enum.GetValues<ExecutionProvider>(), ProviderDescription.All.Select(description => description.Provider));
        Assert.All(ProviderDescription.All, description => Assert.Same(description, ProviderDescription.Find(description.RuntimeName)));
        Assert.Null(ProviderDescription.Find("AbacusExecutionProvider"));
    }

    [Fact]
    public void The_names_are_those_of_the_library()
    {
        Assert.All(OrtEnvironment.AvailableProviders, name => Assert.NotNull(ProviderDescription.Find(name)));
    }

    [Fact]
    public void No_provider_has_an_option_twice() => Assert.All(ProviderDescription.All, description =>
        Assert.Equal(description.Options.Count, description.Options.Select(option => option.Name.ToLowerInvariant()).Distinct().Count()));

    [Theory]
    [InlineData(ExecutionProvider.Cuda, "device_id", "1", "1")]
    [InlineData(ExecutionProvider.Cuda, "device_id", "-1", null)]
    [InlineData(ExecutionProvider.Cuda, "device_id", "first", null)]
    [InlineData(ExecutionProvider.Cuda, "USE_TF32", "True", "1")]
    [InlineData(ExecutionProvider.Cuda, "use_tf32", "yes", null)]
    [InlineData(ExecutionProvider.Cuda, "cudnn_conv_algo_search", "heuristic", "HEURISTIC")]
    [InlineData(ExecutionProvider.Cuda, "cudnn_conv_algo_search", "GUESS", null)]
    [InlineData(ExecutionProvider.TensorRt, "trt_builder_optimization_level", "5", "5")]
    [InlineData(ExecutionProvider.TensorRt, "trt_builder_optimization_level", "6", null)]
    [InlineData(ExecutionProvider.TensorRt, "trt_auxiliary_streams", "-1", "-1")]
    [InlineData(ExecutionProvider.TensorRt, "trt_engine_cache_path", "cache", "cache")]
    [InlineData(ExecutionProvider.OpenVino, "disable_dynamic_shapes", "1", "true")]
    [InlineData(ExecutionProvider.WebGpu, "preferredlayout", "nchw", "NCHW")]
    public void Values_are_checked_and_spelled_as_the_provider_does(ExecutionProvider provider, string name, string text, string? expected) =>
        Assert.Equal(expected, ProviderDescription.Of(provider).FindOption(name)!.Parse(text));

    [Fact]
    public void What_a_value_should_be_is_told()
    {
        var tensorRt = ProviderDescription.Of(ExecutionProvider.TensorRt);

        Assert.Equal("a whole number from 0 to 5", tensorRt.FindOption("trt_builder_optimization_level")!.Expected);
        Assert.Equal("a whole number from 0 on", tensorRt.FindOption("device_id")!.Expected);
        Assert.Equal("one of 0, 1", tensorRt.FindOption("trt_fp16_enable")!.Expected);
    }
}
