using ModelCompiler.Manifests;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Outputs of small fixed shapes, which are values: every way in allocates nothing, and what it gave stays as it is.</summary>
public sealed class InlineOutputTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void No_way_in_allocates() => Assert.Equal("0 0 0 0 0", Call(
        [Tensor("x", 1, 4), Tensor("k")],
        """
        {
            float[] x = [1, 3, 2, 3];
            var input = new EchoInput { X = x, K = 5 };
            using var request = p.CreateRequest();
            long Allocated(Action call)
            {
                call();
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 1000; i++) call();
                return GC.GetAllocatedBytesForCurrentThread() - before;
            }

            float sum = 0;
            var result = p.Predict(x, 5);
            return string.Join(" ", Allocated(() => sum += result.XOut.Shape[1]), Allocated(() => sum += p.Predict(x, 5).XOut.Span[1]), Allocated(() => sum += p.Predict(input).XOut.Span[1]),
                Allocated(() => sum += p.Predict(x, 5).KOut), Allocated(() => request.Run()));
        }
        """));

    [Fact]
    public void No_later_call_changes_what_was_given() => Assert.Equal("1,2 [1,2] 3,4 [1,2] 1,2 [1,2]", Call(
        [Tensor("x", 1, 2)],
        """
        {
            var first = p.Predict([1, 2]);
            var kept = new List<EchoOutput> { first };
            var second = p.Predict([3, 4]);
            return Show(first.XOut) + " " + Show(second.XOut) + " " + Show(kept[0].XOut);
        }
        """));

    [Fact]
    public void They_do_what_one_does_next() => Assert.Equal(
        "1 b b,a 2 [1,4] float32[1, 4] { 1, 9, 2, 3 } 1.0 True XOut float32[1, 4] { 1, 9, 2, 3 }",
        Call(
            [Tensor("x", 1, 4)],
            """
            {
                float[] x = [1, 9, 2, 3];
                var scores = p.Predict(x).XOut;
                return scores.ArgMax() + " " + scores.Label() + " " + scores.Top(4)[0].Label + "," + scores.Top(4)[3].Label + " " + scores[[0, 2]]
                    + " [" + string.Join(",", scores.Shape.ToArray()) + "] " + scores + " "
                    + scores.Softmax().ToArray().Sum().ToString("F1", System.Globalization.CultureInfo.InvariantCulture) + " "
                    + (scores == p.Predict(x).XOut && scores != p.Predict([0, 0, 0, 0]).XOut) + " " + p.Predict(x);
            }
            """,
            labels: ["a", "b", "c", "d"]));

    /// <summary>Whoever could keep a span over a value that is gone would read another's memory: the compiler refuses it.</summary>
    [Fact]
    public void No_span_outlives_its_value()
    {
        static string Use(string body) => $$"""
            using System;
            namespace My.App;
            internal static class User
            {
                public static ReadOnlySpan<float> Dangling(ModelPredictor p, float[] x) { {{body}} }
            }
            """;
        var manifest = Of("model", [Tensor("x", 1, 4)], [Tensor("y", 1, 4)]);

        Assert.Contains(new GeneratorRun([Text(manifest)], Use("return p.Predict(x).Y.Span;")).Errors, error => error is "CS8347" or "CS8156" or "CS8168");
        Assert.Contains(new GeneratorRun([Text(manifest)], Use("var output = p.Predict(x); return output.Y.Row(0);")).Errors, error => error is "CS8352" or "CS8168" or "CS8347");
        new GeneratorRun([Text(manifest)], Use("var output = p.Predict(x); return output.Y.ToArray();")).AssertCompiles();
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void Large_ones_are_objects(int length, bool isValue)
    {
        var run = new GeneratorRun(Of("model", [Tensor("x", 1)], [Tensor("y", length)])).AssertCompiles();

        Assert.Equal(isValue, run.Output.GetTypeByMetadataName("My.App.ModelOutput")!.IsValueType);
    }

    private static GeneratorRun.ManifestText Text(ModelManifest manifest) => new(manifest.Name, ManifestWriter.Write(manifest));

    private string Call(ManifestValue[] inputs, string body, string[]? labels = null)
    {
        var outputs = inputs.Select(input => input with { Name = input.Name + "_out", Labels = new(labels ?? []) }).ToArray();
        return GeneratedProgram.Run(_workspace, Of("echo", inputs, outputs), GeneratedProgram.Identities(inputs), body);
    }
}
