using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

/// <summary>Runs of two models, one of which reads what the other writes where it is.</summary>
public class FeedTests
{
    private const int Size = 4;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void The_second_reads_what_the_first_wrote(bool onDevice, bool isOpen)
    {
        using var first = Open(Exp(isOpen), onDevice);
        using var second = Open(Sum(isOpen), onDevice);
        using var from = new PreparedRun(first);
        using var to = new PreparedRun(second);
        from.Feed("y", to, "a");

        Assert.Equal(onDevice, from.IsOnDevice(0));
        for (int i = 0; i < 3; i++)
        {
            float[] x = [.. Enumerable.Range(0, Size).Select(k => (k - i) / 4f)];
            x.CopyTo(from.ResizeInput<float>(0, [Size]));
            to.ResizeInput<float>(1, [Size]).Fill(i);
            from.Run(TestContext.Current.CancellationToken);
            to.Run(TestContext.Current.CancellationToken);

            Assert.Equal(x.Select(value => MathF.Exp(value) + i), to.Output<float>(0).ToArray(), (a, b) => MathF.Abs(a - b) < 1e-5f);
            Assert.Equal([Size], from.OutputShape(0).ToArray());
        }
    }

    [Fact]
    public unsafe void On_the_host_both_have_the_same_memory()
    {
        using var session = Open(Exp(isOpen: false), onDevice: false);
        using var next = Open(Sum(isOpen: false), onDevice: false);
        using var from = new PreparedRun(session);
        using var to = new PreparedRun(next);
        from.Feed("y", to, "a");
        from.Run(TestContext.Current.CancellationToken);
        to.Run(TestContext.Current.CancellationToken);

        // Written over behind the library's back: the next run of the second reads it.
        fixed (float* shared = from.Output<float>(0))
        {
            *shared = 42;
        }

        to.Run(TestContext.Current.CancellationToken);
        Assert.Equal(42, to.Output<float>(0)[0]);
        Assert.Contains("is the output of another run", Assert.Throws<InvalidOperationException>(() => to.Input<float>(0).Length).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_stays_on_the_device_cannot_be_shown_and_comes_back_when_a_host_reads_it()
    {
        using var gpu = Open(Exp(isOpen: false), onDevice: true);
        using var gpuNext = Open(Sum(isOpen: false), onDevice: true);
        using var cpuNext = Open(Sum(isOpen: false), onDevice: false);
        using var from = new PreparedRun(gpu);
        using var onGpu = new PreparedRun(gpuNext);
        using var onCpu = new PreparedRun(cpuNext);

        from.Feed("y", onGpu, "a");
        from.Run(TestContext.Current.CancellationToken);
        string error = Assert.Throws<InvalidOperationException>(() => from.Output<float>(0).Length).Message;
        from.Feed("y", onCpu, "a");
        from.Run(TestContext.Current.CancellationToken);
        onGpu.Run(TestContext.Current.CancellationToken);
        onCpu.Run(TestContext.Current.CancellationToken);

        Assert.Equal("Output 'y' stays on the device, where another run reads it.", error);
        Assert.False(from.IsOnDevice(0));
        Assert.Equal([1f, 1, 1, 1], from.Output<float>(0).ToArray());
        Assert.Equal(onCpu.Output<float>(0).ToArray(), onGpu.Output<float>(0).ToArray());
    }

    [Fact]
    public void One_output_may_feed_two_and_outlives_neither()
    {
        using var session = Open(Exp(isOpen: true), onDevice: false);
        using var next = Open(Sum(isOpen: true), onDevice: false);
        using var one = new PreparedRun(next);
        using var two = new PreparedRun(next);
        using (var from = new PreparedRun(session))
        {
            from.Feed("y", one, "a");
            from.Feed("y", two, "b");
            from.ResizeInput<float>(0, [1]).Clear();
            from.Run(TestContext.Current.CancellationToken);
            one.ResizeInput<float>(1, [1])[0] = 1;
            two.ResizeInput<float>(0, [1])[0] = 2;
            one.Run(TestContext.Current.CancellationToken);
            two.Run(TestContext.Current.CancellationToken);
            Assert.Equal((2f, 3f), (one.Output<float>(0)[0], two.Output<float>(0)[0]));
        }

        Assert.Contains("has no value", Assert.Throws<InvalidOperationException>(() => one.Run(TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        using var session = Open(Exp(isOpen: false), onDevice: false);
        using var next = InferenceSession.Open(TestModels.MatMul(1));
        using var from = new PreparedRun(session);
        using var to = new PreparedRun(next);

        Assert.Contains("expected float32[1, 4], got the output 'y', float32[4]", Assert.Throws<TensorMismatchException>(() => from.Feed("y", to, "x")).Message, StringComparison.Ordinal);
        Assert.Contains("'y'", Assert.Throws<TensorMismatchException>(() => from.Feed("z", to, "x")).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<TensorMismatchException>(() => from.Feed("y", to, "z")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => from.Feed("y", from, "x"));
    }

    [Fact]
    public void Runs_on_a_device_release_what_they_made()
    {
        using var first = Open(Exp(isOpen: true), onDevice: true);
        using var second = Open(Sum(isOpen: true), onDevice: true);
        for (int i = 0; i < 20; i++)
        {
            using var from = new PreparedRun(first);
            using var to = new PreparedRun(second);
            from.Feed("y", to, "a");
            from.ResizeInput<float>(0, [i + 1]).Clear();
            to.ResizeInput<float>(1, [i + 1]).Fill(1);
            from.Run(TestContext.Current.CancellationToken);
            to.Run(TestContext.Current.CancellationToken);
            Assert.Equal(Enumerable.Repeat(2f, i + 1), to.Output<float>(0).ToArray());
        }
    }

    private static InferenceSession Open(byte[] model, bool onDevice)
    {
        if (!onDevice)
        {
            return InferenceSession.Open(model);
        }

        Assert.SkipWhen(SoftwareVulkan.Unavailable is not null, SoftwareVulkan.Unavailable ?? "");
        SoftwareVulkan.Use();
        return InferenceSession.Open(model, new SessionOptions { ExecutionProviders = [new(ExecutionProvider.WebGpu)] });
    }

    private static object Dimension(bool isOpen) => isOpen ? "n" : Size;

    private static byte[] Exp(bool isOpen) => new OnnxModel()
        .Input("x", TensorElementType.Float32, Dimension(isOpen))
        .Output("y", TensorElementType.Float32, Dimension(isOpen))
        .Node("Exp", ["x"], ["y"])
        .Build();

    private static byte[] Sum(bool isOpen) => new OnnxModel()
        .Input("a", TensorElementType.Float32, Dimension(isOpen))
        .Input("b", TensorElementType.Float32, Dimension(isOpen))
        .Output("sum", TensorElementType.Float32, Dimension(isOpen))
        .Node("Add", ["a", "b"], ["sum"])
        .Build();
}
