using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Attention;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Attention;

public sealed class AttentionFusionTests
{
    private const long Heads = 2, Tokens = 5, Size = 4, Width = Heads * Size;

    private static readonly AttentionFusion Pass = new();

    // The CPU provider has the kernel, so that answers can be compared; it only gains nothing.
    private static readonly TargetProfile WithKernel = TargetProfile.CpuPortable with { FusedOperators = new HashSet<string> { "MultiHeadAttention" } };

    /// <summary>Queries, transposed keys and values from their projections, as exporters write them.</summary>
    private static readonly Dictionary<string, Func<GraphBuilder, (Value Q, Value K, Value V)>> Projections = new()
    {
        ["PyTorch: three projections"] = b => (Split(b, Input(b, "q"), 0, 2, 1, 3), Split(b, Input(b, "k"), 0, 2, 3, 1), Split(b, Input(b, "v"), 0, 2, 1, 3)),
        ["keys transposed twice"] = b => (Split(b, Input(b, "q"), 0, 2, 1, 3), Transpose(b, Split(b, Input(b, "k"), 0, 2, 1, 3), 0, 1, 3, 2), Split(b, Input(b, "v"), 0, 2, 1, 3)),
        ["tf2onnx: all tokens in one axis"] = b => (Split(b, Flat(b, "q"), 0, 2, 1, 3), Split(b, Flat(b, "k"), 0, 2, 3, 1), Split(b, Flat(b, "v"), 0, 2, 1, 3)),
        ["timm: packed, by Gather"] = b => Packed(b, (t, i) => b.Op("Gather", [t, b.Scalar(i)], new NodeAttribute("axis", 0L))),
        ["Paddle: packed, by Slice and Squeeze"] = b => Packed(b, (t, i) => b.Op("Squeeze", b.Op("Slice", t, b.Constant([i]), b.Constant([i + 1]), b.Constant([0L])), b.Constant([0L]))),
        ["packed, by Split and Squeeze"] = b =>
        {
            Node? split = null;
            return Packed(b, (t, i) => b.Op("Squeeze", (split ??= b.Node("Split", [t, b.Constant([1L, 1, 1])], 3, "", new NodeAttribute("axis", 0L))).Outputs[(int)i], b.Constant([0L])));
        },
    };

    public static TheoryData<string> ProjectionForms => [.. Projections.Keys];

    [Theory]
    [MemberData(nameof(ProjectionForms))]
    public void Finds_the_heads_behind_their_projections(string form)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            (Value q, Value k, Value v) = Projections[form](b);
            return b.Output("y", Attend(b, b.Op("Div", b.Op("MatMul", q, k), b.Scalar(2f)), v)).Model;
        }
        AssertFuses(Build);
    }

    [Fact]
    public void Collects_the_scale_from_queries_keys_and_scores()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            (Value q, Value k, Value v) = Projections["PyTorch: three projections"](b);
            Value scores = b.Op("MatMul", b.Op("Mul", q, b.Scalar(0.7f)), b.Op("Mul", b.Scalar(0.7f), k));
            return b.Output("y", Attend(b, b.Op("Mul", scores, b.Scalar(0.9f)), v)).Model;
        }
        Model model = AssertFuses(Build);
        Assert.Equal(0.441f, model.Graph.Nodes.Single(n => n.OpType == "MultiHeadAttention").Attributes["scale"].Float, 1e-6f);
    }

    [Theory]
    [InlineData(new long[] { 1, 1, 1, Tokens })]
    [InlineData(new long[] { 1, 1, Tokens, Tokens })]
    [InlineData(new long[] { 2, Heads, Tokens, Tokens })]
    public void Keeps_the_mask(long[] mask)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            (Value q, Value k, Value v) = Projections["PyTorch: three projections"](b);
            Value bias = b.Input("mask", Array.ConvertAll(mask, d => (Dim)d));
            return b.Output("y", Attend(b, b.Op("Add", bias, b.Op("Mul", b.Op("MatMul", q, k), b.Scalar(0.5f))), v)).Model;
        }
        AssertFuses(Build);
    }

    [Fact]
    public void Refuses_on_the_cpu_where_it_gains_nothing()
    {
        var b = new GraphBuilder();
        (Value q, Value k, Value v) = Projections["PyTorch: three projections"](b);
        FusionAssert.Refuses(Pass, b.Output("y", Attend(b, b.Op("MatMul", q, k), v)).Model, "no kernel for MultiHeadAttention that would gain");
    }

    [Fact]
    public void Refuses_masks_of_other_shapes_and_probabilities_that_are_read_elsewhere()
    {
        var b = new GraphBuilder();
        (Value q, Value k, Value v) = Projections["PyTorch: three projections"](b);
        FusionAssert.Refuses(Pass, b.Output("y", Attend(b, b.Op("Add", b.Op("MatMul", q, k), b.Input("mask", Tokens)), v)).Model, "shape of the mask", WithKernel);

        var c = new GraphBuilder();
        (q, k, v) = Projections["PyTorch: three projections"](c);
        Value p = c.Op("Softmax", [c.Op("MatMul", q, k)], new NodeAttribute("axis", -1L));
        c.Output("p", p).Output("y", Transpose(c, c.Op("MatMul", p, v), 0, 2, 1, 3));
        FusionAssert.Refuses(Pass, c.Model, "'p' inside the pattern is also an output", WithKernel);
    }

    private static Model AssertFuses(Func<Model> build)
    {
        Model model = build();
        model.InferTypes();
        GraphAssert.Apply(Pass, model, WithKernel);
        Assert.Equal(1, model.Graph.Count("MultiHeadAttention"));
        Assert.Equal(0, model.Graph.Count("Softmax"));
        GraphAssert.SecondRunChangesNothing(Pass, model, WithKernel);
        SameAnswers.Assert(build(), model);
        return model;
    }

    private static Value Attend(GraphBuilder b, Value scores, Value values)
    {
        Value context = b.Op("MatMul", b.Op("Softmax", [scores], new NodeAttribute("axis", -1L)), values);
        return b.Op("Reshape", Transpose(b, context, 0, 2, 1, 3), b.Constant([0L, 0, Width]));
    }

    private static Value Input(GraphBuilder b, string name) => b.Input(name, 2, Tokens, Width);

    private static Value Flat(GraphBuilder b, string name) => b.Input(name, 2 * Tokens, Width);

    private static Value Split(GraphBuilder b, Value x, params long[] permutation) => Transpose(b, b.Op("Reshape", x, b.Constant([-1L, Tokens, Heads, Size])), permutation);

    private static (Value Q, Value K, Value V) Packed(GraphBuilder b, Func<Value, long, Value> piece)
    {
        Value all = Transpose(b, b.Op("Reshape", b.Input("x", 2, Tokens, 3 * Width), b.Constant([-1L, Tokens, 3, Heads, Size])), 2, 0, 3, 1, 4);
        return (piece(all, 0), Transpose(b, piece(all, 1), 0, 1, 3, 2), piece(all, 2));
    }

    private static Value Transpose(GraphBuilder b, Value x, params long[] permutation) => b.Op("Transpose", [x], new NodeAttribute("perm", permutation));
}
