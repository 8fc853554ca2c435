using System.Reflection;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Models with state: a stream carries it, and nobody sees it.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Carries_the_state_on_and_begins_anew() => Assert.Equal("1 3 6 | 10 | 4", Total("""
        {
            using var a = p.OpenStream();
            using var b = p.OpenStream();
            string first = string.Join(" ", new float[] { 1, 2, 3 }.Select(x => a.Predict(new[] { x }).Sum.Span[0]));
            float other = b.Predict(new float[] { 10 }).Sum.Span[0];
            a.Reset();
            return first + " | " + other + " | " + a.Predict(new EchoInput { X = new float[] { 4 } }).Sum.Span[0];
        }
        """));

    [Fact]
    public void The_state_has_the_sizes_of_the_stream() => Assert.Equal("2,4 [2,1]; OM5030", Total("""
        {
            using var stream = p.OpenStream(n: 2);
            stream.Predict(new float[] { 1, 2 });
            var sum = stream.Predict(new float[] { 1, 2 }).Sum;
            try { stream.Predict(new float[] { 1, 2, 3 }); } catch (TensorMismatchException e) { return Show(sum) + "; " + e.Code; }
            return "";
        }
        """));

    [Fact]
    public void A_call_that_fails_leaves_the_state_as_it_was() => Assert.Equal("1 3", Total("""
        {
            using var stream = p.OpenStream();
            float first = stream.Predict(new float[] { 1 }).Sum.Span[0];
            try { stream.Predict(new float[] { 100 }, new System.Threading.CancellationToken(true)); } catch (OperationCanceledException) { }
            return first + " " + stream.Predict(new float[] { 2 }).Sum.Span[0];
        }
        """));

    [Fact]
    public void Thousands_of_streams_keep_apart() => Assert.Equal("True", Total("""
        {
            var streams = Enumerable.Range(0, 2000).Select(_ => p.OpenStream()).ToList();
            for (int round = 0; round < 2; round++)
                for (int i = 0; i < streams.Count; i++) streams[i].Predict(new float[] { i });
            bool isRight = streams.Select((stream, i) => stream.Predict(new float[] { 1 }).Sum.Span[0] == (2 * i) + 1).All(right => right);
            streams.ForEach(stream => stream.Dispose());
            return isRight.ToString();
        }
        """));

    [Fact]
    public void Disposed_it_refuses()
    {
        var e = Assert.Throws<TargetInvocationException>(() => Total("{ var s = p.OpenStream(); s.Dispose(); s.Dispose(); s.Predict(new float[1]); return \"\"; }")).InnerException;

        Assert.IsType<ObjectDisposedException>(e);
    }

    [Fact]
    public void A_state_may_grow() => Assert.Equal("1; 1,2; 1,2,3; 9", GeneratedProgram.Run(
        _workspace,
        Of("echo", [Tensor("x", 1), Tensor("past", "past") with { State = "present" }], [Tensor("present", "total"), Tensor("all", "total")]),
        new OnnxModel()
            .Input("x", TensorElementType.Float32, 1).Input("past", TensorElementType.Float32, "past")
            .Output("present", TensorElementType.Float32, "total").Output("all", TensorElementType.Float32, "total")
            .Node("Concat", ["past", "x"], ["present"], "", OnnxModel.Attribute("axis", 0)).Node("Identity", ["present"], ["all"])
            .Build(),
        """
        {
            using var stream = p.OpenStream();
            var steps = new float[] { 1, 2, 3 }.Select(x => string.Join(",", stream.Predict(new[] { x }).All.ToArray())).ToList();
            stream.Reset();
            return string.Join("; ", steps) + "; " + string.Join(",", stream.Predict(new float[] { 9 }).All.ToArray());
        }
        """));

    /// <summary>As in a decoder whose mask has two sizes that differ from call to call: shapes are spelled out then, with the size of the stream.</summary>
    [Fact]
    public void Shapes_of_several_sizes_take_that_of_the_stream() => Assert.Equal("1,2,10,20 [2,2]; 1,2,3,10,20,30 [2,3]", GeneratedProgram.Run(
        _workspace,
        Of("echo", [Tensor("x", "N", "seq"), Tensor("mask", "seq", "total"), Tensor("past", "N", "past") with { State = "present" }], [Tensor("present", "N", "total"), Tensor("all", "N", "total"), Tensor("seen", "seq", "total")]),
        new OnnxModel()
            .Input("x", TensorElementType.Float32, "N", "seq").Input("mask", TensorElementType.Float32, "seq", "total").Input("past", TensorElementType.Float32, "N", "past")
            .Output("present", TensorElementType.Float32, "N", "total").Output("all", TensorElementType.Float32, "N", "total").Output("seen", TensorElementType.Float32, "seq", "total")
            .Node("Concat", ["past", "x"], ["present"], "", OnnxModel.Attribute("axis", 1)).Node("Identity", ["present"], ["all"]).Node("Identity", ["mask"], ["seen"])
            .Build(),
        """
        {
            using var stream = p.OpenStream(n: 2);
            var first = stream.Predict(new float[] { 1, 2, 10, 20 }, new float[4], seq: 2, total: 2).All;
            var second = stream.Predict(new EchoInput { X = new float[] { 3, 30 }, Mask = new float[3], Seq = 1, Total = 3 }).All;
            return Show(first) + "; " + Show(second);
        }
        """));

    [Fact]
    public void Only_the_stream_predicts()
    {
        var run = new GeneratorRun(TotalManifest).AssertCompiles();

        var predictor = run.Output.GetTypeByMetadataName("My.App.EchoPredictor")!;
        Assert.Empty(predictor.GetMembers("Predict"));
        Assert.Single(run.Output.GetTypeByMetadataName("My.App.EchoOutput")!.GetMembers().OfType<Microsoft.CodeAnalysis.IPropertySymbol>());
        Assert.Null(run.Output.GetTypeByMetadataName("My.App.EchoRequest"));
    }

    private static ModelManifest TotalManifest { get; } =
        Of("echo", [Tensor("x", "N", 1), Tensor("h", "N", 1) with { State = "hn" }], [Tensor("sum", "N", 1), Tensor("hn", "N", 1)]);

    /// <summary>A model that adds up what it gets.</summary>
    private string Total(string body) => GeneratedProgram.Run(
        _workspace,
        TotalManifest,
        new OnnxModel()
            .Input("x", TensorElementType.Float32, "N", 1).Input("h", TensorElementType.Float32, "N", 1)
            .Output("sum", TensorElementType.Float32, "N", 1).Output("hn", TensorElementType.Float32, "N", 1)
            .Node("Add", ["x", "h"], ["sum"]).Node("Identity", ["sum"], ["hn"])
            .Build(),
        body);
}
