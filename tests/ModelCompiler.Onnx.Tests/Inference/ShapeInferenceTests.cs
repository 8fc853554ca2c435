namespace ModelCompiler.Onnx.Tests.Inference;

public class ShapeInferenceTests
{
    private readonly Graph _graph = new("g");
    private readonly Model _model;

    public ShapeInferenceTests()
    {
        _model = new Model(_graph);
        _model.Opsets[""] = 17;
    }

    [Theory]
    [InlineData("f[n,?]", "f[?,4]", "f[n,?]")]
    [InlineData("f[n,4]", "f[2,4]", "f[n,4]")]
    [InlineData("f[?,4]", "f[batch,4]", "f[?,4]")]
    [InlineData("f[n,4]", "f[m,4]", "f[n,4]")]
    [InlineData("f[...]", "f[m,4]", "f[m,4]")]
    [InlineData("?", "f[m,4]", "f[m,4]")]
    public void A_declared_type_and_the_inferred_one_are_merged(string input, string declared, string expected)
    {
        Value y = Relu(_graph.AddInput("x", OperatorCase.Type(input)));
        y.Type = OperatorCase.Type(declared);
        Assert.Empty(_model.InferTypes().Contradictions);
        Assert.Equal(expected, OperatorCase.Text(y.Type));
    }

    [Fact]
    public void A_declared_number_stands_where_the_operator_leaves_the_size_open()
    {
        Value y = _graph.AddNode("NonZero", [_graph.AddInput("x", OperatorCase.Type("f[n,4]"))]).Output;
        y.Type = OperatorCase.Type("i[2,7]");
        Assert.Empty(_model.InferTypes().Issues);
        Assert.Equal("i[2,7]", OperatorCase.Text(y.Type));
    }

    [Fact]
    public void The_outside_keeps_the_name_of_a_dimension_that_has_no_other()
    {
        Value y = Relu(_graph.AddInput("x", OperatorCase.Type("f[?,4]")));
        y.Type = OperatorCase.Type("f[batch,4]");
        _graph.AddOutput(y);
        _model.InferTypes();
        Assert.Equal("f[batch,4]", OperatorCase.Text(y.Type));
    }

    [Theory]
    [InlineData("f[2,5]")]
    [InlineData("f[2,4,1]")]
    [InlineData("i[2,4]")]
    public void A_declaration_that_contradicts_the_operators_is_recorded_and_loses(string declared)
    {
        Value y = Relu(_graph.AddInput("x", OperatorCase.Type("f[2,4]")));
        y.Type = OperatorCase.Type(declared);
        InferenceIssue issue = Assert.Single(_model.InferTypes().Issues);
        Assert.True(issue.IsContradiction);
        Assert.Contains(y.Name, issue.Reason, StringComparison.Ordinal);
        Assert.Equal("f[2,4]", OperatorCase.Text(y.Type));
    }

    [Fact]
    public void Nodes_out_of_order_are_sorted()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[2,4]"));
        Node first = _graph.AddNode("Relu", [x]);
        Node second = _graph.AddNode("Relu", [first.Output], before: first);
        Assert.Empty(_model.InferTypes().Issues);
        Assert.Equal("f[2,4]", OperatorCase.Text(second));
    }

    [Fact]
    public void A_cycle_is_recorded()
    {
        Node first = _graph.AddNode("Relu", [null]);
        Node second = _graph.AddNode("Relu", [first.Output]);
        first.SetInput(0, second.Output);
        Assert.NotEmpty(_model.InferTypes().Contradictions);
    }

    [Fact]
    public void A_node_that_a_pass_adds_is_inferred_alone()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,4]"));
        Relu(x);
        _model.InferTypes();
        Node shape = _graph.AddNode("Shape", [x]);
        Node reshape = _graph.AddNode("Reshape", [x, shape.Output]);
        Assert.Empty(_model.InferNode(shape).Issues);
        Assert.Empty(_model.InferNode(reshape).Issues);
        Assert.Equal("f[n,4]", OperatorCase.Text(reshape));
    }

    [Fact]
    public void The_reason_names_the_input_that_is_not_known()
    {
        Value y = Relu(Relu(_graph.AddInput("mystery", null)));
        InferenceResult result = _model.InferTypes();
        Assert.Null(y.Type);
        Assert.Contains("'mystery'", result.Unknown.First().Reason, StringComparison.Ordinal);
        Assert.Equal(2, result.Issues.Count);
    }

    [Fact]
    public void The_version_of_the_operator_set_is_that_of_the_domain()
    {
        _model.Opsets["com.microsoft"] = 1;
        Node fused = _graph.AddNode("Gelu", [_graph.AddInput("x", OperatorCase.Type("f[n,4]"))], domain: "com.microsoft");
        Assert.Empty(_model.InferTypes().Issues);
        Assert.Equal("f[n,4]", OperatorCase.Text(fused));
    }

    [Fact]
    public void Subgraphs_deeper_than_any_file_are_not_looked_into()
    {
        Value condition = _graph.AddInput("c", OperatorCase.Type("b[]"));
        Node outermost = Nest(_graph, condition, 100);
        Assert.NotEmpty(_model.InferTypes().Unknown);
        Assert.Null(outermost.Output.Type);
    }

    private static Node Nest(Graph graph, Value condition, int depth)
    {
        Node node = graph.AddNode("If", [condition]);
        foreach (string name in (string[])["then_branch", "else_branch"])
        {
            var branch = new Graph(name, graph);
            bool isLast = depth == 0 || name == "else_branch";
            branch.AddOutput(isLast ? branch.AddNode("Identity", [condition]).Output : Nest(branch, condition, depth - 1).Output);
            node.Attributes.Set(new NodeAttribute(name, branch));
        }
        return node;
    }

    private Value Relu(Value x) => _graph.AddNode("Relu", [x]).Output;
}
