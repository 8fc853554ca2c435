using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class TransposeChainsTests
{
    private static readonly TransposeChains Pass = new();

    private static Value Transpose(GraphBuilder b, Value x, params long[] perm) =>
        perm.Length == 0 ? b.Op("Transpose", x) : b.Op("Transpose", [x], new NodeAttribute("perm", perm));

    public static TheoryData<long[], long[]> Pairs => new()
    {
        { [1, 2, 0], [1, 2, 0] }, { [1, 2, 0], [2, 0, 1] }, { [0, 2, 1], [1, 0, 2] }, { [], [1, 0, 2] }, { [2, 0, 1], [] }, { [], [] },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Composes_two(long[] first, long[] second)
    {
        Model Build()
        {
            var b = new GraphBuilder();
            return b.Output("y", Transpose(b, Transpose(b, b.Input("x", 2, 3, 4), first), second)).Model;
        }
        Model model = Build();
        Assert.Equal(1, GraphAssert.Apply(Pass, model).ChangeCount);
        Assert.Same(model.Graph.Inputs.Single(), model.Graph.Outputs.Single().Producer!.Input(0));
        GraphAssert.SecondRunChangesNothing(Pass, model);
        BitExact.SameAnswers(Build(), model);
    }

    [Fact]
    public void Composes_a_chain_whatever_its_length_and_keeps_values_that_are_read_elsewhere()
    {
        Model Build()
        {
            var b = new GraphBuilder();
            Value first = Transpose(b, b.Input("x", 2, 3, 4, 5), 3, 0, 1, 2);
            Value third = Transpose(b, Transpose(b, first, 3, 0, 1, 2), 1, 0, 3, 2);
            return b.Output("first", first).Output("third", third).Model;
        }
        Model model = Build();
        GraphAssert.Apply(Pass, model);
        GraphAssert.Apply(new DeadCode(), model);
        Assert.Equal(["Transpose", "Transpose"], model.Graph.Operators());
        BitExact.SameAnswers(Build(), model);
    }

    [Fact]
    public void Refuses_where_the_rank_is_not_known()
    {
        var b = new GraphBuilder();
        Value x = b.Op("Reshape", b.Input("x", 24), b.Input("shape", ElementType.Int64, Dim.Unknown));
        b.Output("y", Transpose(b, Transpose(b, x)));
        GraphAssert.Refuses(Pass, b.Model, "rank");
    }
}
