using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers;

/// <summary>A provider that really is another one than the CPU, on SwiftShader.</summary>
public class WebGpuTests
{
    private static readonly ExecutionProviderChoice WebGpu = new(ExecutionProvider.WebGpu);

    public WebGpuTests()
    {
        Assert.SkipWhen(SoftwareVulkan.Unavailable is not null, SoftwareVulkan.Unavailable ?? "");
        SoftwareVulkan.Use();
    }

    /// <summary>An MLP with layer normalizations, and a depthwise convolutional network with four outputs.</summary>
    [Theory]
    [InlineData("wake-word", 5)]
    [InlineData("face-detector", 50)]
    public void Published_models_run_on_it_and_answer_like_the_cpu(string name, int leastNodes)
    {
        string model = PublicModels.PathOf(name);
        using var onGpu = InferenceSession.Open(model, new SessionOptions { ExecutionProviders = [WebGpu] });
        using var onCpu = InferenceSession.Open(model);
        var input = onCpu.Inputs[0];
        int count = (int)input.Shape!.Aggregate(1L, (a, b) => a * b);
        var sample = TensorBuffer.Create([.. input.Shape!], [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i))]);

        foreach (var (expected, actual) in onCpu.Run([(input.Name, sample)]).Zip(onGpu.Run([(input.Name, sample)])))
        {
            float largest = expected.AsSpan<float>().ToArray().Max(MathF.Abs);
            Assert.Equal(expected.AsSpan<float>().ToArray(), actual.AsSpan<float>().ToArray(), (a, b) => MathF.Abs(a - b) <= 1e-5f * MathF.Max(1, largest));
        }

        Assert.Equal([new ProviderDecision(ExecutionProvider.WebGpu, null)], onGpu.Placement.Decisions);
        Assert.Equal(["WebGpuExecutionProvider"], onGpu.Placement.Counts.Select(one => one.Key));
        Assert.True(onGpu.Placement.CountOf(ExecutionProvider.WebGpu) > leastNodes, onGpu.Placement.ToString());
    }

    [Fact]
    public void Sessions_on_many_threads_take_turns_at_the_device()
    {
        string model = PublicModels.PathOf(PublicModels.WakeWord);
        var input = TensorBuffer.Create([1, 25, 96], [.. Enumerable.Range(0, 25 * 96).Select(i => MathF.Sin(i))]);
        using var alone = InferenceSession.Open(model, new SessionOptions { ExecutionProviders = [WebGpu] });
        float[] expected = alone.Run([(alone.Inputs[0].Name, input)])[0].AsSpan<float>().ToArray();

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, _ =>
        {
            using var session = InferenceSession.Open(model, new SessionOptions { ExecutionProviders = [WebGpu] });
            for (int run = 0; run < 5; run++)
            {
                Assert.Equal(expected, session.Run([(session.Inputs[0].Name, input)])[0].AsSpan<float>().ToArray());
            }
        });
    }

    [Fact]
    public void A_node_that_it_cannot_run_is_refused_by_name_unless_the_cpu_may()
    {
        byte[] model = Determinant();

        var error = Assert.Throws<ProviderUnavailableException>(() => InferenceSession.Open(model, new SessionOptions { ExecutionProviders = [WebGpu] }));
        using var shared = InferenceSession.Open(model, new SessionOptions { ExecutionProviders = [WebGpu, new(ExecutionProvider.Cpu)] });
        using var allowed = InferenceSession.Open(model, new SessionOptions { ExecutionProviders = [WebGpu], HostNodes = new HashSet<string> { "det" } });

        Assert.Equal(("OM5018", ExecutionProvider.WebGpu), (error.Code, error.Provider));
        Assert.Contains("nodes (Det 'det')", error.Message, StringComparison.Ordinal);
        Assert.Contains(new PlacedNode("CPUExecutionProvider", "det", "Det"), shared.Placement.Nodes);
        Assert.Contains(new PlacedNode("WebGpuExecutionProvider", "tanh", "Tanh"), shared.Placement.Nodes);
        Assert.Equal(1, shared.Placement.CountOf(ExecutionProvider.Cpu));
        Assert.Equal(shared.Placement.Nodes, allowed.Placement.Nodes);
        Assert.Equal([-2f], shared.Run([("x", TensorBuffer.Create([2, 2], Atanh(0.1f, 0.2f, 0.3f, 0.4f)))])[0].AsSpan<float>().ToArray().Select(y => MathF.Round(y * 100)));
    }

    [Fact]
    public void Options_reach_it_and_a_value_that_it_does_not_know_is_its_error()
    {
        var known = WebGpu with { Options = new Dictionary<string, string> { ["preferredLayout"] = "NCHW" } };
        var unknown = WebGpu with { Options = new Dictionary<string, string> { ["preferredLayout"] = "CHWN" } };

        using var session = InferenceSession.Open(TestModels.Add(), new SessionOptions { ExecutionProviders = [known] });
        var error = Assert.Throws<ProviderUnavailableException>(() => InferenceSession.Open(TestModels.Add(), new SessionOptions { ExecutionProviders = [unknown] }));

        Assert.Equal(1, session.Placement.CountOf(ExecutionProvider.WebGpu));
        Assert.Equal("OM5013", error.Code);
        Assert.Contains("CHWN", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_precision_is_exact_where_the_device_has_it_and_named_where_it_has_not()
    {
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float16, 2, 3)
            .Output("y", TensorElementType.Float16, 2, 2)
            .Initializer("w", TensorElementType.Float16, [3, 2], TestModels.Bytes<Half>((Half)1, (Half)2, (Half)3, (Half)4, (Half)5, (Half)0.5))
            .Node("MatMul", ["x", "w"], ["y"])
            .Build();
        Half[] x = [(Half)1, (Half)0.5, (Half)2, (Half)(-1), (Half)0, (Half)0.25];

        using var session = InferenceSession.Open(model, new SessionOptions { ExecutionProviders = [WebGpu] });

        Assert.Equal(1, session.Placement.CountOf(ExecutionProvider.WebGpu));
        try
        {
            var y = session.Run([("x", TensorBuffer.Create([2, 3], x))])[0];
            Assert.Equal([(Half)12.5, (Half)5, (Half)0.25, (Half)(-1.875)], y.AsSpan<Half>().ToArray());
        }
        catch (OnnxRuntimeException e)
        {
            // SwiftShader has no half precision.
            Assert.Contains("requires f16 but the device does not support it", e.Message, StringComparison.Ordinal);
        }
    }

    private static float[] Atanh(params float[] values) => Array.ConvertAll(values, MathF.Atanh);

    /// <summary>det(tanh(x)): the provider has no determinant.</summary>
    private static byte[] Determinant() => new OnnxModel()
        .Input("x", TensorElementType.Float32, 2, 2)
        .Output("y", TensorElementType.Float32)
        .NamedNode("tanh", "Tanh", ["x"], ["t"])
        .NamedNode("det", "Det", ["t"], ["y"])
        .Build();
}
