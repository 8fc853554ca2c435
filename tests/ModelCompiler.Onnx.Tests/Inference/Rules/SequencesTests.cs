namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class SequencesTests
{
    [Theory]
    [InlineData("SequenceConstruct", "f[n,3] f[n,3]", "", "seq(f[n,3])")]
    [InlineData("SequenceConstruct", "f[n,3] f[2,3]", "", "seq(f[?,3])")]
    [InlineData("SequenceConstruct", "f[n,3] f[3]", "", "seq(f[...])")]
    [InlineData("SequenceEmpty", "", "", "seq(f[...])")]
    [InlineData("SequenceEmpty", "", "dtype=7", "seq(i[...])")]
    [InlineData("SequenceInsert", "seq(?) f[n,3]", "", "seq(f[n,3])")]
    [InlineData("SequenceInsert", "seq(f[2,3]) f[n,3]", "", "seq(f[?,3])")]
    [InlineData("SequenceErase", "seq(f[2,3])", "", "seq(f[2,3])")]
    [InlineData("SequenceAt", "seq(f[2,3]) i=0", "", "f[2,3]")]
    [InlineData("SequenceAt", "seq(?) i=0", "", "?")]
    [InlineData("SequenceLength", "seq(f[2,3])", "", "i[]")]
    [InlineData("SplitToSequence", "f[6,n]", "", "seq(f[1,n])")]
    [InlineData("SplitToSequence", "f[6,n]", "keepdims=0", "seq(f[n])")]
    [InlineData("SplitToSequence", "f[6,n] i=2", "", "seq(f[2,n])")]
    [InlineData("SplitToSequence", "f[6,n] i=4", "", "seq(f[?,n])")]
    [InlineData("SplitToSequence", "f[n,6] i{3,3}", "axis=1", "seq(f[n,3])")]
    [InlineData("SplitToSequence", "f[n,6] i{2,4}", "axis=1", "seq(f[n,?])")]
    [InlineData("ConcatFromSequence", "seq(f[2,3])", "axis=0", "f[?,3]")]
    [InlineData("ConcatFromSequence", "seq(f[2,3])", "axis=-1 new_axis=1", "f[2,3,?]")]
    [InlineData("Optional", "f[n,3]", "", "opt(f[n,3])")]
    [InlineData("OptionalGetElement", "opt(f[n,3])", "", "f[n,3]")]
    [InlineData("OptionalGetElement", "f[n,3]", "", "f[n,3]")]
    [InlineData("OptionalHasElement", "opt(f[n,3])", "", "b[]")]
    public void Types(string op, string inputs, string attributes, string expected)
    {
        (Node node, InferenceResult result) = OperatorCase.Infer(op, 18, inputs, attributes);
        Assert.Equal(expected, OperatorCase.Text(node));
        Assert.Empty(result.Contradictions);
    }

    [Fact]
    public void Two_elements_of_a_mixed_sequence_are_not_taken_for_equal()
    {
        var graph = new Graph("g");
        Value sequence = graph.AddNode("SequenceConstruct", [graph.AddInput("a", OperatorCase.Type("f[n,3]")), graph.AddInput("b", OperatorCase.Type("f[m,3]"))]).Output;
        Value index = graph.AddInput("i", OperatorCase.Type("i[]"));
        Value first = graph.AddNode("SequenceAt", [sequence, index]).Output;
        Value second = graph.AddNode("SequenceAt", [sequence, index]).Output;
        new Model(graph).InferTypes();
        Assert.Equal("f[?,3]", OperatorCase.Text(first.Type));
        Assert.False(first.Shape![0].IsSame(second.Shape![0]));
    }

    [Fact]
    public void An_optional_of_a_declared_type()
    {
        (Model model, Node node) = OperatorCase.Build("Optional", 18, "");
        node.Attributes.Set(new NodeAttribute("type", AttributeKind.Type, OperatorCase.Type("f[2,3]")));
        model.InferTypes();
        Assert.Equal("opt(f[2,3])", OperatorCase.Text(node));
    }
}
