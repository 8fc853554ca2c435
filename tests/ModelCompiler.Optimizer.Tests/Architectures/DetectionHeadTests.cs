using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Architectures;

/// <summary>
/// A single-shot detector with its post-processing in the graph: decoded boxes, NonMaxSuppression whose number of results depends on the data,
/// the boxes and classes that it selects, and the best scores by TopK.
/// </summary>
public sealed class DetectionHeadTests
{
    private const int Classes = 3;
    private const int Anchors = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_pipeline_selects_the_same_boxes(int seed)
    {
        Model model = Detector();
        Dictionary<string, Tensor>[] pictures = [new() { ["picture"] = TestTensors.Normal(seed, 1, 3, 32, 32) }];
        using (InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(model)))
        {
            TensorBuffer picture = TensorBuffer.Create([1, 3, 32, 32], TestTensors.Normal(seed, 1, 3, 32, 32).AsSpan<float>().ToArray());
            Assert.InRange(session.Run([("picture", picture)], ["selected"])[0].Shape[0], 2, 20 * Classes);
        }
        PipelineAssert.StructuralPassesAreExact(model, pictures, "detector");
        PipelineAssert.FloatPassesAreClose(model, pictures, "detector");
    }

    /// <summary>On integers another number of boxes is left, which is no reason not to compile, and says little of how good they are.</summary>
    [Fact]
    public void What_is_selected_does_not_decide_beside_other_outputs()
    {
        using var folder = new Workspace();
        Model model = Detector();
        model.InferTypes();
        var options = new CompileOptions { Precision = Precision.Int8, CalibrationPath = SampleFolder.Write(folder, model, count: 24), MeasureLatency = false };
        CompileResult result = Compiler.Compile(model, options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((3, 0), (result.QuantizedNodes, result.FloatNodes));
        Assert.Equal([("selected", true), ("boxes", true), ("best", false), ("bestIndex", false)], result.Agreement!.Outputs.Select(output => (output.Name, output.IsSelection)));
        Assert.InRange(result.Agreement.Outputs[2].Cosine, 0.999, 1);
    }

    private static Model Detector()
    {
        var b = new GraphBuilder();
        Value features = Block(b, Block(b, b.Input("picture", 1, 3, 32, 32), 3, 8), 8, 16);
        Value raw = b.Op("Conv", [features, b.Weights(40, Anchors * (4 + Classes), 16, 1, 1), b.Weights(41, Anchors * (4 + Classes))]);
        // [1, anchors × (4 + classes), 8, 8] → [1, boxes, 4 + classes]
        Value split = b.Op("Reshape", raw, b.Constant(new long[] { 1, Anchors, 4 + Classes, -1 }));
        Value rows = b.Op("Reshape", b.Op("Transpose", [split], new NodeAttribute("perm", new long[] { 0, 1, 3, 2 })), b.Constant(new long[] { 1, -1, 4 + Classes }));
        Value centers = b.Op("Sigmoid", Columns(b, rows, 0, 2));
        Value half = b.Op("Mul", b.Op("Exp", b.Op("Clip", Columns(b, rows, 2, 4), b.Scalar(-4f), b.Scalar(1f))), b.Scalar(0.05f));
        Value boxes = b.Op("Concat", [b.Op("Sub", centers, half), b.Op("Add", centers, half)], new NodeAttribute("axis", 2L));
        Value scores = b.Op("Transpose", [b.Op("Sigmoid", Columns(b, rows, 4, 4 + Classes))], new NodeAttribute("perm", new long[] { 0, 2, 1 }));

        Value selected = b.Op("NonMaxSuppression", boxes, scores, b.Scalar(20L), b.Scalar(0.5f), b.Scalar(0.6f));
        Value index = b.Op("Squeeze", b.Op("Slice", selected, b.Constant(new long[] { 2 }), b.Constant(new long[] { 3 }), b.Constant(new long[] { 1 })), b.Constant(new long[] { 1 }));
        b.Output("selected", selected);
        b.Output("boxes", b.Op("Gather", [b.Op("Squeeze", boxes, b.Constant(new long[] { 0 })), index], new NodeAttribute("axis", 0L)));
        Node best = b.Node("TopK", [b.Op("ReduceMax", [scores], new NodeAttribute("axes", new long[] { 1 }), new NodeAttribute("keepdims", 0L)), b.Constant(new long[] { 5 })], outputs: 2);
        b.Output("best", best.Outputs[0]);
        b.Output("bestIndex", best.Outputs[1]);
        return b.Model;
    }

    private static Value Block(GraphBuilder b, Value x, int from, int to)
    {
        Value convolved = b.Op("Conv", [x, b.Weights(from + to, to, from, 3, 3)], new NodeAttribute("pads", new long[] { 1, 1, 1, 1 }), new NodeAttribute("strides", new long[] { 2, 2 }));
        Value variance = b.Constant(Enumerable.Range(1, to).Select(channel => 4f + channel).ToArray());
        return b.Op("Relu", b.Op("BatchNormalization", convolved, b.Weights(from + 2, to), b.Weights(from + 3, to), b.Weights(from + 4, to), variance));
    }

    private static Value Columns(GraphBuilder b, Value rows, long first, long end) =>
        b.Op("Slice", rows, b.Constant(new long[] { first }), b.Constant(new long[] { end }), b.Constant(new long[] { 2 }));
}
