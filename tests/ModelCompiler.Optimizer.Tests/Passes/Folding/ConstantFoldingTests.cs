using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Folding;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Folding;

public sealed class ConstantFoldingTests
{
    private static readonly ConstantFolding Pass = new();

    [Fact]
    public void Folds_a_subgraph_of_constants_with_the_bits_that_ONNX_Runtime_gives()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value special = b.Constant(TestTensors.Special(16));
            Value c = b.Op("Div", b.Op("Mul", special, b.Scalar(3f)), b.Op("Sin", b.Weights(1, 16)));
            return b.Output("y", b.Op("Add", b.Input("x", 16), c)).Output("z", b.Op("Exp", special)).Model;
        }, "Add", "Identity");
        Assert.Equal(2, model.Graph.Initializers.Count(value => !value.IsUnused));
    }

    public static TheoryData<string, ElementType> Types => new()
    {
        { "Neg", ElementType.Float }, { "Neg", ElementType.Double }, { "Neg", ElementType.Int64 }, { "Neg", ElementType.Int32 }, { "Neg", ElementType.Int8 },
        { "Not", ElementType.Bool }, { "Identity2", ElementType.Float16 }, { "Identity2", ElementType.UInt8 }, { "Identity2", ElementType.String },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Folds_every_type_that_runs(string op, ElementType type)
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value c = b.Constant(type == ElementType.String ? Tensor.Strings(["a"u8.ToArray(), "ü"u8.ToArray()], 2) : TestTensors.Random(type, 1, 2));
            Value folded = op == "Identity2" ? b.Op("Unsqueeze", c, b.Constant([0L])) : b.Op(op, c);
            return b.Output("y", folded).Output("x2", b.Op("Neg", b.Input("x", 1))).Model;
        }, "Identity", "Neg");
    }

    [Fact]
    public void Folds_inside_subgraphs_from_constants_outside()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2), outer = b.Op("Neg", b.Constant([1f, 2f]));
        Graph Branch(string name) => b.Subgraph(name, inner => inner.Output(name, inner.Op("Add", x, inner.Op("Exp", outer))));
        b.Output("y", b.Op("If", [b.Input("flag", ElementType.Bool)], new("then_branch", Branch("a")), new("else_branch", Branch("b"))));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(["If"], b.Graph.Operators());
        Assert.All(b.Graph.AllGraphs().Skip(1), graph => Assert.Equal(["Add"], graph.Operators()));
        GraphAssert.SecondRunChangesNothing(Pass, b.Model);
    }

    [Theory]
    [InlineData("RandomNormalLike")]
    [InlineData("Bernoulli")]
    public void Leaves_random_numbers(string op)
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op(op, b.Constant([0.5f, 0.25f])));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    /// <summary>They are a quarter as large so, and of their DequantizeLinear, which stays, ONNX Runtime makes a product of integers.</summary>
    [Fact]
    public void Weights_that_are_quantized_when_the_model_loads_are_stored_so()
    {
        Model model = BitExact.Rewrites(Pass, Build, "DequantizeLinear", "Mul");
        Assert.Equal([5, 2, -2], model.Graph.Nodes.First().Constant(0)!.AsSpan<sbyte>().ToArray());

        static Model Build()
        {
            var b = new GraphBuilder();
            Value scale = b.Scalar(0.1f), zero = b.Scalar((sbyte)0), w = b.Op("QuantizeLinear", b.Constant([0.5f, 0.25f, -0.15f]), scale, zero);
            b.Output("y", b.Op("Mul", b.Input("x", 3), b.Op("DequantizeLinear", w, scale, zero)));
            return b.Model;
        }
    }

    [Fact]
    public void Leaves_the_dequantization_of_weights_and_what_follows_it()
    {
        var b = new GraphBuilder();
        Value w = b.Op("DequantizeLinear", b.Constant(new sbyte[6], 2, 3), b.Scalar(0.1f), b.Scalar((sbyte)0));
        b.Output("y", b.Op("MatMul", b.Input("x", 1, 3), b.Op("Transpose", w)));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    public static TheoryData<string> Bombs => ["Expand", "Tile", "ConstantOfShape", "Range", "Resize", "Pad", "MatMul"];

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Refuses_what_would_blow_up_the_model_before_it_is_computed(string op)
    {
        var b = new GraphBuilder();
        Value bomb = op switch
        {
            "Expand" => b.Op(op, b.Constant([1f]), b.Constant([1L << 40])),
            "Tile" => b.Op(op, b.Constant([1f, 2f]), b.Constant([1L << 40])),
            "ConstantOfShape" => b.Op(op, b.Constant([1L << 30, 1L << 30, 1L << 30, 1L << 30])),
            "Range" => b.Op(op, b.Scalar(0L), b.Scalar(1L << 40), b.Scalar(1L)),
            "Resize" => b.Op(op, b.Constant([1f, 2f], 1, 1, 1, 2), null, b.Constant([1f, 1f, 1e6f, 1e6f])),
            "Pad" => b.Op(op, b.Constant([1f, 2f]), b.Constant([1L << 40, 0])),
            _ => b.Op(op, b.Constant(new float[4096], 4096, 1), b.Constant(new float[4096], 1, 4096)),
        };
        b.Output("y", b.Op("Mul", bomb, b.Input("x", 1)));
        GraphAssert.Refuses(Pass, b.Model, "than the limit");
    }

    [Fact]
    public void Folds_a_large_constant_that_the_result_replaces_but_not_one_that_stays()
    {
        Model Build(bool isShared)
        {
            var b = new GraphBuilder();
            Value w = b.Constant(new float[1500 * 1000], 1500, 1000);
            b.Output("y", b.Op("MatMul", b.Input("x", 1, 1000), b.Op("Transpose", w)));
            return isShared ? b.Output("z", b.Op("MatMul", b.Input("u", 1, 1500), w)).Model : b.Model;
        }
        Model model = Build(isShared: false);
        GraphAssert.Apply(Pass, model);
        Assert.Equal(["MatMul"], model.Graph.Operators());
        GraphAssert.Refuses(Pass, Build(isShared: true), "than the limit");
    }

    [Fact]
    public void Leaves_what_makes_the_file_larger_where_it_is_to_keep_its_size()
    {
        var b = new GraphBuilder();
        Value mask = b.Op("ConstantOfShape", b.Constant([64L, 64L])), turned = b.Op("Neg", b.Op("Expand", mask, b.Op("Neg", b.Constant([-64L, -64L]))));
        Value halves = b.Op("Cast", [b.Constant(TestTensors.Random(ElementType.Float16, 1, 64, 64))], new NodeAttribute("to", (long)ElementType.Float));
        Value weights = b.Op("Transpose", b.Op("Neg", b.Weights(1, 64, 64)));
        Value x = b.Input("x", 64, 64);
        foreach (Value constant in (Value[])[turned, halves, weights]) x = b.Op("Add", x, constant);
        Model model = b.Output("y", x).Output("sum", b.Op("ReduceSum", mask)).Model;
        Model original = model.Clone();
        var pass = new ConstantFolding(keepsSize: true);
        PassContext context = GraphAssert.Apply(pass, model);
        Assert.Equal(4, context.Events.Count(e => e.Text.Contains("when it loads the model", StringComparison.Ordinal)));
        // Shape arithmetic, results that replace a constant of their size, and small results of large ones are folded.
        Assert.Equal(["ConstantOfShape", "Expand", "Neg", "Cast", "Add", "Add", "Add", "Identity"], model.Graph.Operators());
        GraphAssert.SecondRunChangesNothing(pass, model);
        BitExact.SameAnswers(original, model);

        GraphAssert.Apply(Pass, original);
        Assert.Equal(["Add", "Add", "Add", "Identity"], original.Graph.Operators());
    }

    [Fact]
    public void Folds_conversions_of_weights_however_large()
    {
        var b = new GraphBuilder();
        Value weights = b.Op("Cast", [b.Constant(TestTensors.Random(ElementType.Float16, 1, 3000, 1000))], new NodeAttribute("to", (long)ElementType.Float));
        b.Output("y", b.Op("MatMul", b.Input("x", 1, 3000), weights));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(["MatMul"], b.Graph.Operators());
    }

    [Fact]
    public void Leaves_weights_in_their_file_that_would_be_held_in_memory()
    {
        var b = new GraphBuilder();
        Value weights = b.Constant(new Tensor(ElementType.Float, [70_000, 1_000], new StoredWeights(70_000_000, 1)));
        b.Output("y", b.Op("MatMul", b.Input("x", 1, 1_000), b.Op("Transpose", weights)));
        GraphAssert.Refuses(Pass, b.Model, "would be held in memory");
    }

    [Fact]
    public void Refuses_only_the_node_that_ONNX_Runtime_refuses()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2);
        for (int i = 0; i < 5; i++) b.Output($"y{i}", b.Op("Add", x, b.Op("Neg", b.Constant([i, 1f]))));
        // There is no such element.
        b.Output("bad", b.Op("Add", x, b.Op("Gather", b.Constant([1f, 2f]), b.Constant([7L]))));
        PassContext context = GraphAssert.Apply(Pass, b.Model);
        Assert.Equal(0, b.Graph.Count("Neg"));
        Assert.Equal(1, b.Graph.Count("Gather"));
        Assert.Contains("ONNX Runtime", Assert.Single(context.Events, e => e.Kind == PassEventKind.Refused).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Folds_what_depends_on_data_in_size()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value found = b.Op("NonZero", b.Constant([1L, 0, 3, 0, 5]));
            return b.Output("y", b.Op("Gather", b.Input("x", 5), b.Op("Squeeze", found, b.Constant([0L])))).Model;
        }, "Gather");
    }

    [Fact]
    public void Folds_nodes_of_several_outputs()
    {
        BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Node split = b.Node("Split", [b.Constant([1f, 2f, 3f, 4f])], 2);
            return b.Output("y", b.Op("Add", b.Input("x", 2), split.Outputs[1])).Output("z", split.Outputs[0]).Model;
        }, "Identity", "Add");
    }
}
