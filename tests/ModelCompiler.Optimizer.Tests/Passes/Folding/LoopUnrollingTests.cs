using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Folding;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Folding;

public sealed class LoopUnrollingTests
{
    private static readonly LoopUnrolling Pass = new();

    /// <summary>state ← state·x + i, scanning exp(state).</summary>
    private static Model Build(long trips, string condition = "constant", long opset = 17, int extra = 0)
    {
        var b = new GraphBuilder(opset);
        Value x = b.Input("x", 3);
        Graph body = b.Subgraph("body", inner =>
        {
            Value i = inner.Op("Cast", [inner.Input("i", ElementType.Int64)], new NodeAttribute("to", 1L));
            Value again = inner.Input("again_in", ElementType.Bool), state = inner.Input("state", 3);
            Value next = inner.Op("Add", inner.Op("Mul", state, x), i);
            if (condition == "random") next = inner.Op("RandomNormalLike", [next], new NodeAttribute("seed", 1f));
            for (int k = 0; k < extra; k++) next = inner.Op("Neg", next);
            Value sum = condition == "computed" ? inner.Op("Greater", i, inner.Scalar(5f)) : again;
            inner.Output("again", condition is "constant" or "random" ? inner.Constant(Tensor.Scalar(true)) : inner.Op("Identity", sum));
            inner.Output("next", next).Output("scan", inner.Op("Exp", next));
        });
        Value count = trips < 0 ? b.Input("count", ElementType.Int64) : b.Scalar(trips);
        Node loop = b.Node("Loop", [count, condition == "absent" ? null : b.Scalar(true), x], 2, "", new NodeAttribute("body", body));
        return b.Output("state_out", loop.Outputs[0]).Output("scanned", loop.Outputs[1]).Model;
    }

    [Theory]
    [InlineData(1, "constant", 17)]
    [InlineData(4, "constant", 17)]
    [InlineData(4, "handed on", 17)]
    [InlineData(4, "absent", 17)]
    [InlineData(3, "constant", 11)]
    public void Becomes_its_trips(long trips, string condition, long opset)
    {
        Model model = Build(trips, condition, opset);
        Assert.Equal(1, GraphAssert.Apply(Pass, model).ChangeCount);
        Assert.Equal(0, model.Graph.Count("Loop"));
        Assert.Equal(trips, model.Graph.Count("Exp"));
        Assert.Empty(GraphVerifier.Verify(model));
        GraphAssert.SecondRunChangesNothing(Pass, model);
        BitExact.SameAnswers(Build(trips, condition, opset), model);
    }

    [Fact]
    public void Refuses_what_it_does_not_know_or_what_does_not_pay()
    {
        GraphAssert.Refuses(Pass, Build(-1), "number of trips is not constant");
        GraphAssert.Refuses(Pass, Build(4, "computed"), "may end it early");
        GraphAssert.Refuses(Pass, Build(LoopUnrolling.MaxTrips + 1), "trips would become");
        GraphAssert.Refuses(Pass, Build(8, extra: 40), "trips would become");
        GraphAssert.Refuses(Pass, Build(2, "random"), "random");
    }

    [Fact]
    public void Leaves_a_loop_of_no_trips() => BitExact.LeavesAlone(Pass, Build(0));

    [Fact]
    public void Unrolls_a_loop_inside_a_loop_that_stays()
    {
        Model Make()
        {
            var b = new GraphBuilder();
            Value x = b.Input("x", 3);
            Graph Body(GraphBuilder outer, string name, Func<GraphBuilder, Value, Value> step) => outer.Subgraph(name, inner =>
            {
                inner.Input(name + "i", ElementType.Int64);
                Value again = inner.Input(name + "again", ElementType.Bool), state = inner.Input(name + "state", 3);
                inner.Output(name + "again_out", inner.Op("Identity", again)).Output(name + "next", step(inner, state));
            });
            Graph body = Body(b, "outer", (outer, state) =>
                outer.Op("Loop", [outer.Scalar(2L), outer.Scalar(true), state], new NodeAttribute("body", Body(outer, "inner", (inner, s) => inner.Op("Add", s, x)))));
            return b.Output("y", b.Op("Loop", [b.Input("count", ElementType.Int64), b.Scalar(true), x], new NodeAttribute("body", body))).Model;
        }
        var feeds = new Dictionary<string, Tensor> { ["count"] = Tensor.Scalar(3L) };
        Model model = BitExact.Rewrites(Pass, Make, feeds, "Loop");
        Assert.Equal(1, model.Graph.Count("Loop"));
        Assert.Equal(2, model.Graph.Count("Add"));
    }
}
