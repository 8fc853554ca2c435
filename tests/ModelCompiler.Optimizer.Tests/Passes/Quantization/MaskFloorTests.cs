using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

public sealed class MaskFloorTests
{
    private const int Tokens = 4;

    [Theory]
    [InlineData(-1e9f)]
    [InlineData(-10000f)]
    [InlineData(float.NegativeInfinity)]
    public void A_causal_mask_leaves_normal_numbers_and_hides_as_before(float hidden)
    {
        Model model = Added(Causal(hidden));
        Raise(model, new ValueRange(-4, 4));
        double lowest = model.Graph.Nodes.First!.Constant(1)!.Floats().Min();
        Assert.InRange(Math.Exp(lowest - 8) / Tokens, 1.2e-38, 1e-28);
        SameAnswers.Assert(Added(Causal(hidden)), model);
    }

    [Fact]
    public void A_choice_of_scores_gets_the_same_level()
    {
        Model model = Chosen();
        Raise(model, new ValueRange(-4, 4));
        Assert.InRange(Math.Exp(model.Graph.Nodes.First!.Constant(2)!.Floats().Single() - 4) / Tokens, 1.2e-38, 1e-28);
        SameAnswers.Assert(Chosen(), model);
    }

    [Fact]
    public void Layers_go_on_sharing_a_mask_that_serves_the_widest_scores()
    {
        var b = new GraphBuilder();
        Value mask = b.Constant(Causal(-1e9f), Tokens, Tokens);
        foreach (string name in (string[])["narrow", "wide"])
            b.Output($"of {name}", b.Op("Softmax", [b.Op("Add", b.Input(name, 2, Tokens, Tokens), mask)], new NodeAttribute("axis", -1L)));
        b.Model.InferTypes();
        GraphAssert.Apply(new MaskFloor(value => value.Name == "wide" ? new ValueRange(-9, 9) : new ValueRange(-1, 1)), b.Model);
        Value raised = Assert.Single(b.Graph.Nodes.Where(node => node.Is("Add")).Select(node => node.Inputs[1]!).Distinct());
        Assert.Equal(-(80 - 18 - Math.Log(Tokens)), raised.Initializer!.Floats().Min(), 4);
    }

    [Fact]
    public void Refuses_where_scores_differ_by_more_than_a_mask_could_hide() =>
        GraphAssert.Refuses(new MaskFloor(_ => new ValueRange(-40, 40)), Typed(Added(Causal(-1e9f))), "would not hide them");

    [Fact]
    public void Leaves_soft_masks_rows_without_anything_left_and_what_was_not_observed_alone()
    {
        float[] biases = [.. Enumerable.Range(0, Tokens * Tokens).Select(i => -(i % Tokens) * 9f)], empty = Causal(-1e9f);
        empty.AsSpan(0, Tokens).Fill(-1e9f);
        Assert.Empty(GraphAssert.Apply(new MaskFloor(_ => new ValueRange(-4, 4)), Typed(Added(empty))).Events);
        Assert.Empty(GraphAssert.Apply(new MaskFloor(_ => new ValueRange(-4, 4)), Typed(Added(biases))).Events);
        Assert.Empty(GraphAssert.Apply(new MaskFloor(_ => null), Typed(Added(Causal(-1e9f)))).Events);
    }

    private static void Raise(Model model, ValueRange range)
    {
        var pass = new MaskFloor(_ => range);
        Assert.Equal(1, GraphAssert.Apply(pass, Typed(model)).ChangeCount);
        GraphAssert.SecondRunChangesNothing(pass, model);
    }

    private static Model Typed(Model model)
    {
        model.InferTypes();
        return model;
    }

    private static float[] Causal(float hidden) => [.. Enumerable.Range(0, Tokens * Tokens).Select(i => i % Tokens > i / Tokens ? hidden : 0)];

    private static Model Added(float[] mask)
    {
        var b = new GraphBuilder();
        Value scores = b.Op("Add", b.Input("scores", 2, Tokens, Tokens), b.Constant(mask, 1, Tokens, Tokens));
        return b.Output("y", b.Op("Softmax", [scores], new NodeAttribute("axis", -1L))).Model;
    }

    private static Model Chosen()
    {
        var b = new GraphBuilder();
        Value seen = b.Constant(Enumerable.Range(0, Tokens * Tokens).Select(i => i % Tokens <= i / Tokens).ToArray(), Tokens, Tokens);
        Value scores = b.Op("Where", seen, b.Input("scores", 2, Tokens, Tokens), b.Scalar(-1e9f));
        return b.Output("y", b.Op("Softmax", [scores], new NodeAttribute("axis", 2L))).Model;
    }
}
