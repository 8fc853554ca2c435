using System.Collections.Concurrent;
using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers;

/// <summary>Providers that this machine cannot have, so that each choice ends the same everywhere.</summary>
public class ProviderSelectionTests
{
    private static readonly ExecutionProviderChoice Cpu = new(ExecutionProvider.Cpu);
    private static readonly ExecutionProviderChoice OpenVino = new(ExecutionProvider.OpenVino);
    private static readonly ExecutionProviderChoice Qnn = new(ExecutionProvider.Qnn);

    [Fact]
    public void A_listed_cpu_takes_over_and_the_placement_says_why()
    {
        using var session = InferenceSession.Open(TestModels.Add(), new SessionOptions { ExecutionProviders = [OpenVino, Qnn, Cpu] });

        Assert.Equal([ExecutionProvider.OpenVino, ExecutionProvider.Qnn, ExecutionProvider.Cpu], session.Placement.Decisions.Select(decision => decision.Provider));
        Assert.Equal([false, false, true], session.Placement.Decisions.Select(decision => decision.IsUsed));
        Assert.StartsWith("OM5012", session.Placement.Decisions[0].Problem, StringComparison.Ordinal);
        Assert.Equal([new("CPUExecutionProvider", 1)], session.Placement.Counts);
        Assert.Contains("Nodes: CPUExecutionProvider 1", session.Placement.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_choice_is_logged_once_and_nothing_else_is()
    {
        var lines = new ConcurrentQueue<OrtLogMessage>();
        OrtEnvironment.Logged += lines.Enqueue;
        try
        {
            using var session = InferenceSession.Open(TestModels.Add(), new SessionOptions { ExecutionProviders = [OpenVino, Cpu] });
            var x = TensorBuffer.Create([2, 2], new float[4]);
            session.Run([("a", x), ("b", x)]);
            session.Run([("a", x), ("b", x)], cancellationToken: new CancellationTokenSource().Token);
        }
        finally
        {
            OrtEnvironment.Logged -= lines.Enqueue;
        }

        // Other tests log meanwhile; what this session hides would be verbose lines with a source location.
        var own = lines.Where(line => line.Category == "ModelCompiler").ToArray();
        Assert.Contains(own, line => line.Severity == LogSeverity.Warning && line.Text.StartsWith("OpenVino: not used. OM5012", StringComparison.Ordinal));
        Assert.Contains(own, line => line is { Severity: LogSeverity.Info, Text: "Cpu: used" });
        Assert.DoesNotContain(lines, line => line.Text.Contains("Node placements", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_the_cpu_in_the_list_all_that_cannot_be_used_are_named()
    {
        var error = Assert.Throws<ProviderUnavailableException>(
            () => InferenceSession.Open(TestModels.Add(), new SessionOptions { ExecutionProviders = [OpenVino, Qnn] }));

        Assert.Equal(("OM5017", ExecutionProvider.OpenVino), (error.Code, error.Provider));
        Assert.Contains("Intel.ML.OnnxRuntime.OpenVino", error.Message, StringComparison.Ordinal);
        Assert.Contains("Microsoft.ML.OnnxRuntime.QNN", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Providers_after_the_cpu_and_repeated_ones_are_not_tried()
    {
        using var session = InferenceSession.Open(TestModels.Add(), new SessionOptions { ExecutionProviders = [OpenVino, OpenVino, Cpu, Qnn] });

        Assert.Equal([ExecutionProvider.OpenVino, ExecutionProvider.Cpu], session.Placement.Decisions.Select(decision => decision.Provider));
    }

    [Fact]
    public void Nothing_is_recorded_of_a_plain_session_unless_asked_for()
    {
        using var plain = InferenceSession.Open(TestModels.Add());
        using var recorded = InferenceSession.Open(TestModels.Add(), new SessionOptions { RecordPlacement = true });

        Assert.Empty(plain.Placement.Counts);
        Assert.Equal(1, recorded.Placement.CountOf(ExecutionProvider.Cpu));
    }

    [Fact]
    public void A_broken_model_is_still_the_models_fault() => Assert.Throws<OnnxRuntimeException>(
        () => InferenceSession.Open("no model"u8.ToArray(), new SessionOptions { ExecutionProviders = [OpenVino, Cpu] }));
}
