using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Models of a kind that nobody draws on a board: what the compiler makes of them answers bit for bit the same.</summary>
public sealed class UnusualModelTests
{
    private static readonly Dictionary<string, Func<Model>> Models = new()
    {
        ["an input that is an output"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2, 3);
            b.Graph.AddOutput(x);
            return b.Output("y", b.Op("Identity", x)).Model;
        },
        ["no node at all"] = () =>
        {
            var b = new GraphBuilder();
            b.Graph.AddOutput(b.Input("x", 2));
            return b.Model;
        },
        ["a constant that is an output, and read"] = () =>
        {
            var b = new GraphBuilder();
            Value c = b.Constant([1f, -0f, float.NaN]);
            b.Output("y", b.Op("Mul", b.Input("x", 3), c));
            return b.Output("c", c).Model;
        },
        ["no inputs"] = () =>
        {
            var b = new GraphBuilder();
            return b.Output("y", b.Op("Cos", b.Op("Cast", [b.Op("Range", b.Scalar(0L), b.Scalar(7L), b.Scalar(1L))], new NodeAttribute("to", 1L)))).Model;
        },
        ["an input that nothing reads"] = () =>
        {
            var b = new GraphBuilder();
            b.Input("unused", 4);
            return b.Output("y", b.Op("Neg", b.Input("x", 2))).Model;
        },
        ["outputs that come from one value"] = () =>
        {
            var b = new GraphBuilder();
            Value y = b.Op("Neg", b.Input("x", 2)), left = b.Op("Identity", y), right = b.Op("Identity", y);
            return b.Output("left", left).Output("y", y).Output("right", right).Model;
        },
        ["one value as both operands"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 1, 3), twice = b.Op("Concat", [x, x], new NodeAttribute("axis", 0L));
            return b.Output("y", b.Op("Sub", b.Op("Mul", twice, twice), b.Op("Max", twice, twice))).Model;
        },
        ["empty tensors"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", ElementType.Float, 0, 3), more = b.Input("more", 2, 3);
            Value joined = b.Op("Concat", [x, more, b.Constant(Array.Empty<float>(), 0, 3)], new NodeAttribute("axis", 0L));
            Value none = b.Op("Reshape", x, b.Constant([0L, 1L, 3L]));
            return b.Output("y", joined).Output("sum", b.Op("ReduceSum", x, b.Constant([0L]))).Output("none", b.Op("Relu", none)).Model;
        },
        ["an empty past"] = () =>
        {
            var b = new GraphBuilder();
            Value past = b.Input("past", 1, 2, 0, 4), now = b.Input("now", 1, 2, 1, 4);
            Value all = b.Op("Concat", [past, now], new NodeAttribute("axis", 2L));
            Value length = b.Op("Gather", b.Op("Shape", all), b.Scalar(2L));
            return b.Output("all", all).Output("mean", b.Op("Div", b.Op("ReduceSum", all, b.Constant([2L])), b.Op("Cast", [length], new NodeAttribute("to", 1L)))).Model;
        },
        ["scalars"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x"), y = b.Op("Mul", x, b.Scalar(1f));
            Value row = b.Op("Unsqueeze", b.Op("Add", y, b.Scalar(-0f)), b.Constant([0L]));
            return b.Output("y", b.Op("Squeeze", row)).Output("shape", b.Op("Shape", x)).Model;
        },
        ["strings"] = () =>
        {
            var b = new GraphBuilder();
            Value names = b.Constant(Tensor.Strings(["a"u8.ToArray(), "ü"u8.ToArray(), ""u8.ToArray()], 3));
            Value chosen = b.Op("Gather", names, b.Op("Cast", [b.Op("Greater", b.Input("x", 4), b.Scalar(0f))], new NodeAttribute("to", 7L)));
            Value joined = b.Op("Concat", [chosen, names, names], new NodeAttribute("axis", 0L));
            return b.Output("y", joined).Output("same", b.Op("Identity", joined)).Model;
        },
        ["sequences inside"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 4, 2);
            Value parts = b.Op("SplitToSequence", [x, b.Scalar(1L)], new NodeAttribute("axis", 0L));
            Value grown = b.Op("SequenceInsert", parts, b.Op("SequenceAt", parts, b.Scalar(-1L)), b.Scalar(0L));
            return b.Output("y", b.Op("ConcatFromSequence", [grown], new NodeAttribute("axis", 0L))).Output("n", b.Op("SequenceLength", grown)).Model;
        },
        ["optional inputs and outputs left out"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2, 1, 3);
            Node lstm = b.Graph.AddNode("LSTM", [x, b.Weights(1, 1, 8, 3), b.Weights(2, 1, 8, 2), null, null, b.Weights(3, 1, 1, 2)], ["", "hidden"], "", "lstm");
            lstm.Attributes.Set("hidden_size", 2);
            Value clipped = b.Op("Clip", [lstm.Outputs[1], null, b.Scalar(0.5f)]);
            return b.Output("y", b.Op("Resize", [clipped, null, b.Constant([1f, 1f, 2f])], new NodeAttribute("mode", "nearest"))).Model;
        },
        ["branches in branches that capture"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2), flag = b.Input("flag", ElementType.Bool), other = b.Input("other", ElementType.Bool);
            Value outer = b.Op("Neg", b.Op("Neg", x));
            Graph Branch(string name, Action<GraphBuilder> body) => b.Subgraph(name, body);
            Graph then = Branch("then", inner =>
            {
                Value mine = inner.Op("Abs", outer);
                Graph deep = inner.Subgraph("deep", d => d.Output("out", d.Op("Add", mine, d.Op("Mul", outer, d.Constant([1f, 1f])))));
                // The name of an inner value may be that of another branch.
                Graph shallow = inner.Subgraph("shallow", d => d.Output("out", d.Op("Identity", outer)));
                inner.Output("t", inner.Op("If", [other], new("then_branch", deep), new("else_branch", shallow)));
            });
            Graph orElse = Branch("else", inner => inner.Output("e", inner.Op("Identity", x)));
            return b.Output("y", b.Op("If", [flag], new("then_branch", then), new("else_branch", orElse))).Model;
        },
        ["a loop that may not run"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 2), trips = b.Op("ReduceSum", [b.Op("Cast", [b.Op("Greater", x, b.Scalar(0.25f))], new NodeAttribute("to", 7L))], new NodeAttribute("keepdims", 0L));
            Graph body = b.Subgraph("body", inner =>
            {
                Value i = inner.Input("i", ElementType.Int64), go = inner.Input("go", ElementType.Bool), state = inner.Input("state", 2);
                inner.Output("again", inner.Op("Identity", go));
                inner.Output("next", inner.Op("Add", state, inner.Op("Mul", x, inner.Op("Cast", [i], new NodeAttribute("to", 1L)))));
                inner.Output("scan", inner.Op("Identity", state));
            });
            Node loop = b.Node("Loop", [trips, null, b.Op("Neg", x)], 2, "", new NodeAttribute("body", body));
            return b.Output("last", loop.Outputs[0]).Output("all", loop.Outputs[1]).Model;
        },
        ["numbers of many types"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", ElementType.Int32, 4);
            foreach (ElementType type in (ElementType[])[ElementType.Double, ElementType.Float16, ElementType.Int8, ElementType.UInt8, ElementType.Int64, ElementType.Bool])
                b.Output($"as_{type}", b.Op("Cast", [b.Op("Cast", [x], new NodeAttribute("to", (long)type))], new NodeAttribute("to", (long)type)));
            return b.Model;
        },
        ["names that are no identifiers"] = () =>
        {
            var b = new GraphBuilder();
            Value x = b.Input("{\"a\": [1, 2]}", 2), y = b.Op("Relu", b.Op("Identity", x));
            y.Producer!.Name = "a/b:c d";
            return b.Output("39", y).Output("ü\t\"'", b.Op("Neg", y)).Model;
        },
        ["an old operator set"] = () =>
        {
            var b = new GraphBuilder(opset: 8, irVersion: 3);
            Value x = b.Input("x", 1, 4, 4, 4);
            Value sliced = b.Op("Slice", [x], new("starts", [0L, 0L]), new("ends", [2L, 9L]), new("axes", [1L, 3L]));
            Value dropped = b.Op("Dropout", [sliced], new NodeAttribute("ratio", 0.5f));
            Value up = b.Op("Upsample", [dropped], new("mode", "nearest"), new("scales", [1f, 1f, 2f, 2f]));
            return b.Output("y", b.Op("Clip", [up], new("min", 0f), new("max", 6f))).Model;
        },
        ["operator sets that nothing uses"] = () =>
        {
            var b = new GraphBuilder();
            b.Model.Opsets["com.example.unknown"] = 3;
            return b.Output("y", b.Op("Neg", b.Op("Identity", b.Input("x", 2)))).Model;
        },
    };

    public static TheoryData<string> Names => [.. Models.Keys];

    /// <summary>ONNX Runtime moves the Transposes of convolutions on integers past it.</summary>
    [Fact]
    public void A_resize_of_named_axes_among_convolutions_runs_on_integers()
    {
        var b = new GraphBuilder(opset: 18);
        Value x = b.Op("Relu", b.Op("Conv", b.Input("x", Dim.Named("N"), 3, 16, 16), b.Weights(1, 32, 3, 3, 3)));
        x = b.Op("Resize", [x, null, null, b.Constant([20L, 20])], new NodeAttribute("axes", [2L, 3]), new NodeAttribute("mode", "linear"));
        b.Output("y", b.Op("Conv", x, b.Weights(2, 8, 32, 3, 3)));
        var options = new CompileOptions { Precision = Precision.Int8, MeasureLatency = false, Plan = new CompilationPlan { Precision = Precision.Int8 } };
        CompileResult result = Compiler.Compile(b.Model, options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(2, result.QuantizedNodes);
        Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 20, double.PositiveInfinity);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Compile_and_answer_the_same(string name)
    {
        Model model = Models[name]();
        CompileResult result = Compiler.Compile(model, new CompileOptions { MeasureLatency = false });
        Assert.Equal(Models[name]().Graph.Outputs.Select(output => output.Name), result.Model.Graph.Outputs.Select(output => output.Name));
        Assert.Equal(Models[name]().Graph.Inputs.Select(input => input.Name), result.Model.Graph.Inputs.Select(input => input.Name));
        BitExact.SameAnswers(Models[name](), result.Model, what: name);
    }
}
