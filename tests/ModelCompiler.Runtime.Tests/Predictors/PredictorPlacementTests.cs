using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

/// <summary>The providers that the build wrote down are those that a predictor runs on.</summary>
public class PredictorPlacementTests
{
    private static readonly ExecutionProviderChoice Cpu = new(ExecutionProvider.Cpu);

    [Fact]
    public void It_tells_why_another_provider_is_not_used()
    {
        using var predictor = new TestPredictor(Describe(new(ExecutionProvider.OpenVino), Cpu));

        Assert.Equal(3, predictor.Predict(new float[4]).Length);
        Assert.Equal([false, true], predictor.Placement.Decisions.Select(decision => decision.IsUsed));
        Assert.Equal(1, predictor.Placement.CountOf(ExecutionProvider.Cpu));
    }

    [Fact]
    public void Without_the_cpu_in_the_list_it_does_not_start()
    {
        var description = Describe(new ExecutionProviderChoice(ExecutionProvider.OpenVino));

        Assert.Equal("OM5012", Assert.Throws<ProviderUnavailableException>(() => new TestPredictor(description)).Code);
        using var elsewhere = new TestPredictor(description, new PredictorOptions { ExecutionProviders = [Cpu] });
        Assert.Equal(3, elsewhere.Predict(new float[4]).Length);
    }

    [Fact]
    public void It_runs_on_webgpu_from_many_threads()
    {
        Assert.SkipWhen(SoftwareVulkan.Unavailable is not null, SoftwareVulkan.Unavailable ?? "");
        SoftwareVulkan.Use();
        using var predictor = new TestPredictor(Describe(new ExecutionProviderChoice(ExecutionProvider.WebGpu)));
        using var onCpu = new TestPredictor(Describe(Cpu));

        Parallel.For(0, 20, i =>
        {
            float[] x = [i, 1, -i, 0.5f];
            Assert.Equal(onCpu.Predict(x).Span.ToArray(), predictor.Predict(x).Span.ToArray(), (a, b) => MathF.Abs(a - b) < 1e-4f);
        });

        Assert.Equal(["WebGpuExecutionProvider"], predictor.Placement.Counts.Select(count => count.Key));
    }

    private static PredictorDescription Describe(params ExecutionProviderChoice[] providers) => TestPredictor.Describe(
        TestModels.MatMul(1),
        [new TensorSpec("x", TensorElementType.Float32, [1, 4])],
        [new TensorSpec("y", TensorElementType.Float32, [1, 3])]) with
    { ExecutionProviders = providers };
}
