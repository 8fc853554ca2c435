using System.Collections.Concurrent;
using System.Text;
using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

public sealed class SessionOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(GraphOptimization.None, true)]
    [InlineData(GraphOptimization.All, false)]
    public void The_optimized_graph_shows_what_was_fused(GraphOptimization level, bool keepsIdentity)
    {
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, 1)
            .Output("y", TensorElementType.Float32, 1)
            .Node("Identity", ["x"], ["same"])
            .Node("Neg", ["same"], ["y"])
            .Build();
        string path = Path.Combine(_folder, "optimized.onnx");

        using var session = InferenceSession.Open(model, new SessionOptions { OptimizedModelPath = path, GraphOptimization = level });

        string optimized = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        Assert.Contains("Neg", optimized, StringComparison.Ordinal);
        Assert.Equal(keepsIdentity, optimized.Contains("Identity", StringComparison.Ordinal));
    }

    [Fact]
    public void Profiling_writes_a_file_with_the_nodes()
    {
        using var session = InferenceSession.Open(TestModels.Add(), new SessionOptions { ProfilingPrefix = Path.Combine(_folder, "profile") });
        var x = TensorBuffer.Create([2, 2], new float[4]);
        session.Run([("a", x), ("b", x)]);

        string path = session.EndProfiling();

        Assert.StartsWith(Path.Combine(_folder, "profile"), path, StringComparison.Ordinal);
        Assert.Contains("\"op_name\" : \"Add\"", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Symbols_can_be_fixed()
    {
        var options = new SessionOptions { FixedDimensions = new Dictionary<string, long> { ["batch"] = 5 } };

        using var session = InferenceSession.Open(TestModels.MatMul("batch"), options);

        Assert.Equal([5L, 4], session.Inputs[0].Shape!);
        Assert.Equal([5L, 3], session.Outputs[0].Shape!);
    }

    [Fact]
    public void All_options_are_accepted_together()
    {
        var options = new SessionOptions
        {
            IntraOpThreads = 2,
            InterOpThreads = 2,
            AllowSpinning = true,
            UseCpuArena = false,
            UseMemoryPattern = false,
            ExecutionProviders = [new(ExecutionProvider.Cpu)],
            ConfigEntries = new Dictionary<string, string> { ["session.disable_prepacking"] = "1" },
        };

        using var session = InferenceSession.Open(TestModels.MatMul(2), options);

        Assert.Equal([2, 3], session.Run([("x", TensorBuffer.Create([2, 4], new float[8]))])[0].Shape);
    }

    [Fact]
    public void A_config_entry_that_is_refused_is_an_error()
    {
        var options = new SessionOptions { ConfigEntries = new Dictionary<string, string> { [new string('k', 2000)] = "1" } };

        Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Open(TestModels.Add(), options));
    }

    [Fact]
    public void A_provider_that_the_library_does_not_have_is_an_error_that_lists_those_it_has()
    {
        var options = new SessionOptions { ExecutionProviders = [new(ExecutionProvider.OpenVino)] };

        var error = Assert.Throws<ProviderUnavailableException>(() => InferenceSession.Open(TestModels.Add(), options));

        Assert.Equal(("OM5012", ExecutionProvider.OpenVino), (error.Code, error.Provider));
        Assert.Contains("CPUExecutionProvider", error.Message, StringComparison.Ordinal);
        Assert.Contains(OrtEnvironment.LibraryPath, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExecutionProvider.Cuda, "device_id")]
    [InlineData(ExecutionProvider.TensorRt, "device_id")]
    public void A_provider_whose_driver_is_missing_is_an_error(ExecutionProvider provider, string option)
    {
        Assert.SkipUnless(OrtEnvironment.AvailableProviders.Contains("CUDAExecutionProvider"), "This library was built without CUDA.");
        var options = new SessionOptions { ExecutionProviders = [new(provider, new Dictionary<string, string> { [option] = "0" })] };

        var error = Assert.Throws<ProviderUnavailableException>(() => InferenceSession.Open(TestModels.Add(), options));

        Assert.Equal(("OM5014", provider), (error.Code, error.Provider));
    }

    [Fact]
    public void Log_lines_reach_who_listens()
    {
        var lines = new ConcurrentQueue<OrtLogMessage>();
        OrtEnvironment.Logged += lines.Enqueue;
        try
        {
            using var session = InferenceSession.Open(TestModels.Add(), new SessionOptions { LogSeverity = LogSeverity.Info });
        }
        finally
        {
            OrtEnvironment.Logged -= lines.Enqueue;
        }

        Assert.Contains(lines, line => line.Severity == LogSeverity.Info && line.Text.Length > 0 && line.Location.Contains(".cc", StringComparison.Ordinal));
    }
}
