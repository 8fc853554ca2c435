namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class ControlFlowTests
{
    private readonly Graph _graph = new("g");

    [Theory]
    [InlineData("f[n,3]", "f[n,3]", "f[n,3]")]
    [InlineData("f[n,3]", "f[2,3]", "f[?,3]")]
    [InlineData("f[n,3]", "f[3]", "f[...]")]
    [InlineData("f[n,3]", "i[n,3]", "?")]
    public void What_both_branches_have_in_common(string then, string otherwise, string expected)
    {
        Node node = Add(_graph.AddInput("c", OperatorCase.Type("b[]")), then, otherwise);
        InferenceResult result = Infer();
        Assert.Equal(expected, OperatorCase.Text(node));
        Assert.Equal(expected == "f[n,3]", !result.Issues.Any());
    }

    [Theory]
    [InlineData(true, "f[n,3]")]
    [InlineData(false, "f[3]")]
    public void The_taken_branch_decides_where_the_condition_is_known(bool condition, string expected)
    {
        Node node = Add(_graph.AddInitializer("c", Tensor.Scalar(condition)), "f[n,3]", "f[3]");
        Assert.Empty(Infer().Issues);
        Assert.Equal(expected, OperatorCase.Text(node));
    }

    [Fact]
    public void A_condition_on_the_rank_is_known_when_the_rank_is()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,3]"));
        Value rank = _graph.AddNode("Size", [_graph.AddNode("Shape", [x]).Output]).Output;
        Value isMatrix = _graph.AddNode("Equal", [rank, _graph.AddInitializer("two", Tensor.Scalar(2L))]).Output;
        Node node = Add(isMatrix, "f[n,3]", "f[3]");
        Assert.Empty(Infer().Issues);
        Assert.Equal("f[n,3]", OperatorCase.Text(node));
    }

    [Fact]
    public void An_If_without_branches_is_reported()
    {
        _graph.AddNode("If", [_graph.AddInput("c", OperatorCase.Type("b[]"))]);
        Assert.Single(Infer().Unknown);
    }

    /// <summary>Branches that hand on outer values of the given types, through an Identity each.</summary>
    private Node Add(Value condition, string then, string otherwise)
    {
        Node node = _graph.AddNode("If", [condition]);
        node.Attributes.Set(new NodeAttribute("then_branch", Branch(then)));
        node.Attributes.Set(new NodeAttribute("else_branch", Branch(otherwise)));
        return node;
    }

    private Graph Branch(string type)
    {
        var branch = new Graph("branch", _graph);
        branch.AddOutput(branch.AddNode("Identity", [_graph.AddInput("", OperatorCase.Type(type))]).Output);
        return branch;
    }

    private InferenceResult Infer()
    {
        var model = new Model(_graph);
        model.Opsets[""] = 16;
        return model.InferTypes();
    }
}
