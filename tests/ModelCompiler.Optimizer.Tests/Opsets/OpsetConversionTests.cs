using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Opsets;

/// <summary>A converted model answers like the original: ONNX Runtime has the kernels of both versions. Floats go through special values.</summary>
public class OpsetConversionTests
{
    /// <summary>Which rule, from which version, to which.</summary>
    public static TheoryData<string, long, long> Cases
    {
        get
        {
            var data = new TheoryData<string, long, long>();
            foreach ((string name, long from, long to, _) in All()) data.Add(name, from, to);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Converted_models_answer_alike(string name, long from, long to)
    {
        Action<GraphBuilder> build = All().Single(c => c.Name == name).Build;
        Model original = Build(build, from);
        // ONNX Runtime 1.30 has no kernel for RoiAlign of version 22.
        long newest = name == "RoiAlign" ? 21 : OperatorSchemas.NewestOpset;
        foreach (long target in new[] { to, newest }.Distinct())
        {
            Model converted = original.Clone();
            OpsetConverter.Convert(converted, target);
            Assert.Empty(GraphVerifier.Verify(converted));
            Assert.Empty(GraphVerifier.VerifyTypes(converted));
            BitExact.SameAnswers(original, converted, Feeds(name, original), what: $"{name} {from} → {target}");
        }
    }

    /// <summary>Which element of a row with a NaN is the largest is left to chance in ONNX Runtime: Hardmax gets numbers only.</summary>
    private static Dictionary<string, Tensor>? Feeds(string name, Model model)
    {
        if (!name.StartsWith("Hardmax", StringComparison.Ordinal)) return null;
        return model.Graph.Inputs.ToDictionary(input => input.Name, input => TestTensors.Normal(1, [.. input.Shape!.Select(dim => dim.ValueOrNull ?? 3)]));
    }

    private static Model Build(Action<GraphBuilder> build, long opset)
    {
        var builder = new GraphBuilder(opset);
        build(builder);
        builder.Model.InferTypes();
        Assert.Empty(GraphVerifier.Verify(builder.Model));
        return builder.Model;
    }

    private static IEnumerable<(string Name, long From, long To, Action<GraphBuilder> Build)> All() =>
        [.. Movement(), .. Reductions(), .. Softmaxes(), .. Samplings(), .. Normalizations(), .. Nested()];

    private static IEnumerable<(string, long, long, Action<GraphBuilder>)> Movement()
    {
        yield return ("Squeeze of given axes", 11, 13, b => b.Output("y", b.Op("Squeeze", [b.Input("x", 1, 4, 1, 3)], new NodeAttribute("axes", [0L, -2L]))));
        yield return ("Squeeze of all axes", 12, 13, b => b.Output("y", b.Op("Squeeze", b.Input("x", 1, 4, 1, 3))));
        yield return ("Unsqueeze", 7, 13, b => b.Output("y", b.Op("Unsqueeze", [b.Input("x", 4, 3)], new NodeAttribute("axes", [0L, 3L]))));
        yield return ("Slice of the first dimensions", 7, 10, b => b.Output("y", b.Op("Slice", [b.Input("x", 5, 6)], new("starts", [1L, -4L]), new("ends", [long.MaxValue, -1L]))));
        yield return ("Slice of given axes", 9, 10, b => b.Output("y", b.Op("Slice", [b.Input("x", 5, 6)], new("starts", [2L]), new("ends", [4L]), new("axes", [1L]))));
        yield return ("Pad with zeros", 7, 11, b => b.Output("y", b.Op("Pad", [b.Input("x", 2, 3)], new NodeAttribute("pads", [1L, 0L, 0L, 2L]))));
        yield return ("Pad with a value", 10, 11, b => b.Output("y", b.Op("Pad", [b.Input("x", 2, 3)], new("pads", [1L, 0L, 0L, 2L]), new("value", 1.5f))));
        yield return ("Pad by reflection", 10, 11, b => b.Output("y", b.Op("Pad", [b.Input("x", 4, 5)], new("pads", [1L, 2L, 0L, 2L]), new("mode", "reflect"))));
        yield return ("Split in given sizes", 11, 13, b => Split(b, new("axis", 1), new("split", [2L, 4L])));
        yield return ("Split in halves", 7, 18, b => Split(b, new NodeAttribute("axis", 1)));
        yield return ("Scatter", 9, 11, b => b.Output("y", b.Op("Scatter", [b.Input("x", 3, 3), b.Constant([1L, 0L, 2L, 0L], 2, 2), b.Input("u", 2, 2)], new NodeAttribute("axis", 0))));
        yield return ("Clip on both sides", 7, 11, b => b.Output("y", b.Op("Clip", [b.Input("x", 4, 4)], new("min", -1f), new("max", 2f))));
        yield return ("Clip on one side", 10, 11, b => b.Output("y", b.Op("Clip", [b.Input("x", 4, 4)], new NodeAttribute("min", 0f))));
        yield return ("Dropout", 7, 12, b => b.Output("y", b.Op("Dropout", [b.Input("x", 4, 4)], new NodeAttribute("ratio", 0.3f))));
        yield return ("TopK", 7, 10, b =>
        {
            Node node = b.Node("TopK", [b.Weights(1, 4, 6)], 2, "", new("k", 3), new("axis", 1));
            b.Output("values", node.Outputs[0]).Output("indices", node.Outputs[1]);
        }
        );
    }

    private static void Split(GraphBuilder b, params NodeAttribute[] attributes)
    {
        Node node = b.Node("Split", [b.Input("x", 3, 6)], 2, "", attributes);
        b.Output("a", node.Outputs[0]).Output("b", node.Outputs[1]);
    }

    private static IEnumerable<(string, long, long, Action<GraphBuilder>)> Reductions()
    {
        yield return ("ReduceSum of an axis", 11, 13, b => b.Output("y", b.Op("ReduceSum", [b.Input("x", 3, 4)], new("axes", [-1L]), new("keepdims", 0))));
        yield return ("ReduceSum of all axes", 12, 13, b => b.Output("y", b.Op("ReduceSum", b.Input("x", 3, 4))));
        foreach (string op in (string[])["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"])
            yield return ($"{op} of an axis", 13, 18, b => b.Output("y", b.Op(op, [b.Input("x", 3, 4, 5)], new NodeAttribute("axes", [0L, 2L]))));
    }

    private static IEnumerable<(string, long, long, Action<GraphBuilder>)> Softmaxes()
    {
        foreach (string op in (string[])["Softmax", "LogSoftmax", "Hardmax"])
        {
            yield return ($"{op} of a matrix", 7, 13, b => b.Output("y", b.Op(op, b.Input("x", 3, 4))));
            yield return ($"{op} of the last axis", 11, 13, b => b.Output("y", b.Op(op, [b.Input("x", 2, 3, 4)], new NodeAttribute("axis", -1))));
            yield return ($"{op} of several axes", 12, 13, b => b.Output("y", b.Op(op, b.Input("x", 2, 3, 4))));
            yield return ($"{op} of several axes counted from the end", 12, 13, b => b.Output("y", b.Op(op, [b.Input("x", 2, 3, 4)], new NodeAttribute("axis", -2))));
            yield return ($"{op} of an axis before ones", 9, 13, b => b.Output("y", b.Op(op, b.Input("x", 2, 5, 1, 1))));
            yield return ($"{op} of symbolic dimensions", 10, 13, b => b.Output("y", b.Op(op, b.Input("x", Dim.Named("n"), 3, Dim.Named("m")))));
            yield return ($"{op} of a scalar row", 7, 13, b => b.Output("y", b.Op(op, [b.Input("x", 6)], new NodeAttribute("axis", 0))));
        }
    }

    private static IEnumerable<(string, long, long, Action<GraphBuilder>)> Samplings()
    {
        foreach (string mode in (string[])["nearest", "linear"])
        {
            yield return ($"Upsample 7 {mode}", 7, 10, b => b.Output("y", b.Op("Upsample", [b.Input("x", 1, 1, 3, 4)], new("scales", [1f, 1f, 2f, 3f]), new("mode", mode))));
            yield return ($"Upsample 9 {mode}", 9, 11, b => b.Output("y", b.Op("Upsample", [b.Input("x", 1, 1, 3, 4), b.Constant([1f, 1f, 2f, 1.6f])], new NodeAttribute("mode", mode))));
            yield return ($"Resize larger {mode}", 10, 11, b => b.Output("y", b.Op("Resize", [b.Input("x", 1, 1, 3, 4), b.Constant([1f, 1f, 1.7f, 2.3f])], new NodeAttribute("mode", mode))));
            yield return ($"Resize smaller {mode}", 10, 11, b => b.Output("y", b.Op("Resize", [b.Input("x", 1, 1, 6, 7), b.Constant([1f, 1f, 0.6f, 0.5f])], new NodeAttribute("mode", mode))));
        }
        yield return ("Resize to sizes", 11, 13, b => b.Output("y", b.Op("Resize",
            [b.Input("x", 1, 1, 3, 4), b.Constant(Tensor.Vector<float>()), b.Constant(Tensor.Vector<float>()), b.Constant([1L, 1L, 5L, 7L])],
            new("mode", "cubic"), new("coordinate_transformation_mode", "half_pixel"))));
        foreach (string mode in (string[])["bilinear", "bicubic", "nearest"])
            yield return ($"GridSample {mode}", 16, 20, b => b.Output("y", b.Op("GridSample", [b.Weights(1, 1, 1, 4, 4), b.Weights(2, 1, 3, 3, 2)], new NodeAttribute("mode", mode))));
        yield return ("RoiAlign", 10, 16, b => b.Output("y", b.Op("RoiAlign",
            [b.Weights(1, 1, 2, 6, 6), b.Constant([0f, 0f, 3.5f, 4f, 1f, 1f, 5f, 5f], 2, 4), b.Constant([0L, 0L])], new("output_height", 2), new("output_width", 2))));
        yield return ("DFT", 17, 20, b => b.Output("y", b.Op("DFT", [b.Weights(1, 1, 4, 3, 1)], new NodeAttribute("axis", 2))));
        yield return ("DFT of the default axis", 17, 20, b => b.Output("y", b.Op("DFT", b.Weights(1, 1, 4, 1))));
    }

    private static IEnumerable<(string, long, long, Action<GraphBuilder>)> Normalizations()
    {
        yield return ("BatchNormalization per channel", 7, 9, b => b.Output("y", b.Op("BatchNormalization", Parameters(b, 3), new("spatial", 1), new("epsilon", 1e-3f))));
        yield return ("BatchNormalization with outputs of training that nothing reads", 9, 14, b =>
            b.Output("y", b.Node("BatchNormalization", Parameters(b, 3), 1).Outputs[0]));
        yield return ("GroupNormalization", 18, 21, b => b.Output("y", b.Op("GroupNormalization",
            [b.Input("x", 2, 6, 4), b.Constant([1f, 2f, 3f]), b.Constant([0.5f, -1f, 0f])], new NodeAttribute("num_groups", 3))));
    }

    private static Value?[] Parameters(GraphBuilder b, long channels) =>
        [b.Input("x", 2, channels, 4), b.Weights(1, channels), b.Weights(2, channels), b.Weights(3, channels), b.Constant([1f, 2f, 0.5f])];

    private static IEnumerable<(string, long, long, Action<GraphBuilder>)> Nested()
    {
        yield return ("Operators in subgraphs", 11, 13, b =>
        {
            Value x = b.Input("x", 2, 3, 4);
            Graph Branch(string name, Action<GraphBuilder> body) => b.Subgraph(name, body);
            Graph then = Branch("then", s => s.Output("t", s.Op("Softmax", x)));
            Graph otherwise = Branch("else", s => s.Output("e", s.Op("Unsqueeze", [s.Op("ReduceSum", [x], new("axes", [1L]), new("keepdims", 0))], new NodeAttribute("axes", [1L]))));
            b.Output("y", b.Op("If", [b.Input("c", ElementType.Bool)], new("then_branch", then), new("else_branch", otherwise)));
        }
        );
    }
}
