using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Precision;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Precision;

public sealed class DoubleNarrowingTests
{
    private static readonly Dictionary<string, Func<GraphBuilder, Value, Value>> Networks = new()
    {
        ["a product and a constant of a shape"] = (b, x) =>
            b.Op("Add", b.Op("MatMul", x, Numbers(b, 4, 3)), b.Op("ConstantOfShape", [b.Constant(new[] { 3L })], new NodeAttribute("value", Tensor.Vector(2.5)))),
        ["numbers cast on the way"] = (b, x) =>
            b.Op("Mul", b.Op("Cast", [b.Op("Cast", [x], new NodeAttribute("to", (long)ElementType.Int64))], new NodeAttribute("to", (long)ElementType.Double)), b.Scalar(0.25)),
        ["a scaler of another domain, which answers in float32"] = (b, x) =>
        {
            b.Model.Opsets["ai.onnx.ml"] = 1;
            Value scaled = b.Node("Scaler", [x], 1, "ai.onnx.ml", new("offset", [0.5f]), new("scale", [2f])).Outputs[0];
            return b.Op("MatMul", b.Op("Cast", [scaled], new NodeAttribute("to", (long)ElementType.Double)), Numbers(b, 4, 3));
        },
        ["branches, one of them a constant"] = (b, x) =>
        {
            Value large = b.Op("Greater", b.Op("ReduceSum", [x], new NodeAttribute("keepdims", 0L)), b.Scalar(0.0)), w = Numbers(b, 2, 4);
            Graph computed = b.Subgraph("then", inner => inner.Output("a", inner.Op("Mul", x, inner.Scalar(2.0)))), constant = b.Subgraph("else", inner => inner.Output("b", inner.Op("Identity", w)));
            return b.Op("If", [large], new("then_branch", computed), new("else_branch", constant));
        },
        ["a loop that carries numbers"] = (b, x) =>
        {
            Graph body = b.Subgraph("body", inner =>
            {
                inner.Input("i", ElementType.Int64);
                Value go = inner.Input("go", ElementType.Bool), state = inner.Input("state", ElementType.Double, 2, 4);
                inner.Output("again", inner.Op("Identity", go)).Output("next", inner.Op("Mul", state, inner.Scalar(1.5)));
            });
            return b.Op("Loop", [b.Scalar(3L), b.Scalar(true), x], new NodeAttribute("body", body));
        },
        ["a mask beyond float32"] = (b, x) => b.Op("Softmax", [b.Op("Add", x, b.Op("Mul", b.Constant([0.0, 1, 0, 1], 4), b.Scalar(double.MinValue)))], new NodeAttribute("axis", -1L)),
    };

    public static TheoryData<string> Names => [.. Networks.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Answers_as_float64_does(string name)
    {
        Model original = Build(name), narrow = Build(name);
        var context = new PassContext(narrow, TargetProfile.CpuPortable);
        new DoubleNarrowing().Apply(context);
        Assert.Equal("computed in float32 instead of float64", Assert.Single(context.Changes).Text);
        SameAnswers.Assert(original, narrow, tolerance: 1e-5);
        Assert.Equal(ElementType.Double, narrow.Graph.Outputs[0].ElementType);
        Assert.DoesNotContain(narrow.Graph.AllNodes(), node => node.OpType is "MatMul" or "Mul" or "Softmax" && node.Outputs[0].ElementType != ElementType.Float);
        Assert.False(DoubleNarrowing.IsNeeded(narrow));
    }

    [Fact]
    public void Leaves_alone_what_only_passes_through()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Cast", [b.Input("x", ElementType.Double, 4)], new NodeAttribute("to", (long)ElementType.Float));
        b.Output("y", b.Op("Cast", [b.Op("Relu", x)], new NodeAttribute("to", (long)ElementType.Double)));
        Assert.False(DoubleNarrowing.IsNeeded(b.Model));
    }

    [Fact]
    public void Leaves_alone_what_has_kernels_where_only_missing_ones_count()
    {
        Model model = Build("a product and a constant of a shape");
        var context = new PassContext(model, TargetProfile.CpuPortable);
        new DoubleNarrowing(kernelsMissing: true).Apply(context);
        Assert.Empty(context.Events);
    }

    private static Model Build(string name)
    {
        var b = new GraphBuilder();
        return b.Output("y", Networks[name](b, b.Input("x", ElementType.Double, 2, 4)), new TensorType(ElementType.Double, null)).Model;
    }

    private static Value Numbers(GraphBuilder b, params ReadOnlySpan<long> dims) =>
        b.Constant(Array.ConvertAll(TestTensors.Normal(7, dims).Floats(), value => (double)value), dims);
}
