using System.Reflection;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Many samples in few runs: each gets the answer that it would get alone.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("N", null)]
    [InlineData(4, 4)]
    public void A_list_is_answered_in_order_whatever_its_length(object batch, int? size) => Assert.Equal("0:  1: 0 [1,2] 3: 0 20 40 [1,2] 10: 0 20 40 60 80 100 120 140 160 180 [1,2]", Sums(batch, size, """
        {
            var answers = new List<string>();
            foreach (int count in new[] { 0, 1, 3, 10 })
            {
                var results = p.PredictBatch(Enumerable.Range(0, count).Select(i => new EchoInput { X = new float[] { i, 10 * i }, K = 2 }).ToList());
                answers.Add(count + ": " + string.Join(" ", results.Select(r => r.Y.Span[1])) + (count > 0 ? " [" + string.Join(",", results[0].Y.Shape.ToArray()) + "]" : ""));
            }
            return string.Join(" ", answers);
        }
        """));

    [Fact]
    public void Samples_share_a_run_only_where_the_rest_is_equal() => Assert.Equal("2 3 4", Sums("N", null, """
        {
            var results = p.PredictBatch(new[] { 2f, 3f, 4f }.Select(k => new EchoInput { X = new float[] { 1, 1 }, K = k }).ToList());
            return string.Join(" ", results.Select(r => r.Y.Span[0]));
        }
        """));

    [Fact]
    public void A_bad_sample_is_named()
    {
        var e = Assert.Throws<TargetInvocationException>(() => Sums("N", null, "{ p.PredictBatch(new[] { new EchoInput { X = new float[3], K = 1 } }); return \"\"; }")).InnerException;

        Assert.Equal("Input 'x': expected float32[N, 2], got 3 elements, not 2, for one sample.", Assert.IsType<TensorMismatchException>(e).Message);
    }

    [Fact]
    public void Calls_that_come_at_the_same_time_share_runs() => Assert.Equal("True", Sums("N", null, """
        {
            var tasks = Enumerable.Range(0, 500).Select(i => Task.Run(() => p.PredictAsync(new EchoInput { X = new float[] { i, -i }, K = 1 + (i % 2) }))).ToArray();
            var results = Task.WhenAll(tasks).Result;
            return results.Select((r, i) => r.Y.Span[0] == i * (1 + (i % 2)) && r.Y.Span[1] == -i * (1 + (i % 2)) && r.Y.Length == 2).All(right => right).ToString();
        }
        """, "MaxBatch = 16, BatchWindow = TimeSpan.FromMilliseconds(2), QueueCapacity = 50, BatchWorkers = 2"));

    [Fact]
    public void A_bad_call_fails_alone() => Assert.Equal("TensorMismatchException 20", Sums("N", null, """
        {
            var bad = p.PredictAsync(new EchoInput { X = new float[1], K = 1 });
            var good = p.PredictAsync(new EchoInput { X = new float[] { 10, 1 }, K = 2 });
            return bad.Exception!.InnerException!.GetType().Name + " " + good.Result.Y.Span[0];
        }
        """));

    [Fact]
    public void A_sample_that_breaks_the_run_breaks_it_for_itself_alone() => Assert.Equal("1 OnnxRuntimeException 3", GeneratedProgram.Run(
        _workspace,
        Of("echo", [Tensor("i", ManifestElementType.Int64, "N", 1)], [Tensor("y", "N", 1)]),
        new OnnxModel()
            .Input("i", TensorElementType.Int64, "N", 1)
            .Output("y", TensorElementType.Float32, "N", 1)
            .Initializer("table", TensorElementType.Float32, [3], [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64])
            .Node("Gather", ["table", "i"], ["y"], "", OnnxModel.Attribute("axis", 0))
            .Build(),
        """
        {
            var tasks = new long[] { 0, 99, 2 }.Select(i => p.PredictAsync(new EchoInput { I = new[] { i } })).ToArray();
            return string.Join(" ", tasks.Select(task => { try { return task.Result.Y.Span[0].ToString(); } catch (AggregateException e) { return e.InnerException!.GetType().Name; } }));
        }
        """,
        "BatchWindow = TimeSpan.FromMilliseconds(50)"));

    [Fact]
    public void A_call_that_was_given_up_ends_at_once_and_others_go_on() => Assert.Equal("True 5", Sums("N", null, """
        {
            using var source = new System.Threading.CancellationTokenSource();
            var given = p.PredictAsync(new EchoInput { X = new float[] { 1, 1 }, K = 1 }, source.Token);
            var other = p.PredictAsync(new EchoInput { X = new float[] { 5, 1 }, K = 1 });
            source.Cancel();
            bool isCancelled = Task.WhenAny(given).Result.IsCanceled;
            return isCancelled + " " + other.Result.Y.Span[0];
        }
        """, "BatchWindow = TimeSpan.FromMilliseconds(100)"));

    [Fact]
    public void Callers_wait_for_room_and_disposal_refuses_them() => Assert.Equal("ObjectDisposedException ObjectDisposedException ObjectDisposedException", Sums("N", null, """
        {
            var tasks = Enumerable.Range(0, 3).Select(i => p.PredictAsync(new EchoInput { X = new float[] { i, 1 }, K = 1 })).ToArray();
            p.Dispose();
            return string.Join(" ", tasks.Select(task => { try { task.Wait(); return "answered"; } catch (AggregateException e) { return e.InnerException!.GetType().Name; } }));
        }
        """, "QueueCapacity = 1, BatchWindow = TimeSpan.FromSeconds(10)"));

    [Fact]
    public void Models_whose_outputs_have_no_batch_offer_none()
    {
        var run = new GeneratorRun(Of("model", [Tensor("x", "N", 2)], [Tensor("mean", 1)])).AssertCompiles();

        Assert.Empty(run.Output.GetTypeByMetadataName("My.App.ModelPredictor")!.GetMembers("PredictBatch"));
    }

    /// <summary>y = x · k: a batch of pairs, and one factor for the whole run.</summary>
    private string Sums(object batch, int? size, string body, string options = "") => GeneratedProgram.Run(
        _workspace,
        Of("echo", [Tensor("x", batch, 2), Tensor("k")], [Tensor("y", batch, 2)]) with { Batch = new ManifestBatch(size, size ?? 4, 0) },
        new OnnxModel()
            .Input("x", TensorElementType.Float32, batch, 2).Input("k", TensorElementType.Float32)
            .Output("y", TensorElementType.Float32, batch, 2)
            .Node("Mul", ["x", "k"], ["y"])
            .Build(),
        body,
        options);
}
