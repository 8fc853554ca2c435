using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class DuplicateInitializersTests
{
    private static readonly DuplicateInitializers Pass = new();

    [Fact]
    public void Merges_constants_of_the_same_content()
    {
        Model model = BitExact.Rewrites(Pass, () =>
        {
            var b = new GraphBuilder();
            Value x = b.Op("Add", b.Input("x", 2, 3), b.Weights(1, 2, 3));
            return b.Output("y", b.Op("Mul", x, b.Weights(1, 2, 3))).Model;
        }, "Add", "Mul");
        Assert.Single(model.Graph.Initializers);
    }

    public static TheoryData<Tensor, Tensor> Different => new()
    {
        { Tensor.Vector(0f), Tensor.Vector(-0f) },
        { Tensor.Vector(1f), Tensor.Scalar(1f) },
        { Tensor.Vector(0f), Tensor.Vector(0) },
        { Tensor.Create<float>([1f, 2f], 1, 2), Tensor.Create<float>([1f, 2f], 2, 1) },
        { Tensor.Vector(BitConverter.Int32BitsToSingle(0x7FC00000)), Tensor.Vector(BitConverter.Int32BitsToSingle(0x7FC00001)) },
        { Middle(0), Middle(1) },
    };

    [Theory]
    [MemberData(nameof(Different))]
    public void Keeps_constants_that_differ_in_a_bit_type_or_dimension(Tensor left, Tensor right)
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Neg", b.Constant(left))).Output("z", b.Op("Neg", b.Constant(right)));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    [Fact]
    public void Merges_the_same_not_a_number_and_strings()
    {
        var b = new GraphBuilder();
        for (int i = 0; i < 2; i++)
        {
            b.Output($"y{i}", b.Op("Neg", b.Constant([float.NaN])));
            b.Output($"s{i}", b.Op("Size", b.Constant(Tensor.Strings(["ab"u8.ToArray()], 1))));
            b.Output($"t{i}", b.Op("Size", b.Constant(Tensor.Strings(["a"u8.ToArray(), "b"u8.ToArray()], 2))));
        }
        Assert.Equal(3, GraphAssert.Apply(Pass, b.Model).ChangeCount);
        Assert.Equal(3, b.Graph.Initializers.Count);
    }

    [Fact]
    public void A_subgraph_uses_the_constant_around_it_but_not_that_of_its_sibling()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Add", b.Input("x", 3), b.Constant([1f, 2f, 3f]));
        Graph Branch(string name) => b.Subgraph(name, inner =>
            inner.Output(name, inner.Op("Mul", inner.Op("Add", x, inner.Constant([1f, 2f, 3f])), inner.Constant([4f, 5f, 6f]))));
        b.Output("y", b.Op("If", [b.Input("flag", ElementType.Bool)], new("then_branch", Branch("a")), new("else_branch", Branch("b"))));
        GraphAssert.Apply(Pass, b.Model);
        Assert.Single(b.Graph.Initializers);
        Assert.All(b.Graph.AllGraphs().Skip(1), graph => Assert.Single(graph.Initializers));
        GraphAssert.SecondRunChangesNothing(Pass, b.Model);
    }

    [Fact]
    public void Keeps_one_that_is_an_output()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Neg", b.Constant([1f]))).Output("c", b.Constant([1f]));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    /// <summary>The kernel writes the running statistics into its inputs: a scale of ones that is the variance too would be another in the next run.</summary>
    [Fact]
    public void Keeps_the_statistics_of_a_normalization_in_training_mode()
    {
        var b = new GraphBuilder(opset: 15);
        // Of up to 8 elements, ONNX Runtime merges them by itself.
        const int Channels = 16;
        float[] ones = [.. Enumerable.Repeat(1f, Channels)], zeros = new float[Channels];
        Node normalization = b.Node("BatchNormalization", [b.Input("x", 2, Channels, 4), b.Constant(ones), b.Constant(zeros), b.Constant(zeros), b.Constant(ones)], 3, attributes: new NodeAttribute("training_mode", 1L));
        BitExact.LeavesAlone(Pass, b.Output("y", normalization.Outputs[0]).Model);
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(b.Model));
        IReadOnlyList<(string, TensorBuffer)> inputs = SampleFolder.Inputs(b.Model, 1, 3);
        float[] first = session.Run(inputs)[0].AsSpan<float>().ToArray();
        Assert.Equal(first, session.Run(inputs)[0].AsSpan<float>().ToArray());
    }

    /// <summary>Larger than what is hashed, with a difference in the middle.</summary>
    private static Tensor Middle(float value)
    {
        float[] values = new float[5000];
        values[2500] = value;
        return Tensor.Vector(values);
    }
}
