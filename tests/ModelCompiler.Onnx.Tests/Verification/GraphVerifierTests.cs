namespace ModelCompiler.Onnx.Tests.Verification;

/// <summary>Every rule is broken once, by edits that a faulty pass could make or by writing into the books of the graph.</summary>
public class GraphVerifierTests
{
    private readonly Graph _graph = new("main");
    private readonly Model _model;
    private readonly Value _x;

    public GraphVerifierTests()
    {
        _model = new Model(_graph) { Opsets = { [""] = 17 } };
        _x = _graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2)));
    }

    public static TheoryData<PublicModel> Models => [.. PublicModels.All];

    [Theory]
    [MemberData(nameof(Models))]
    public void Public_models_are_valid(PublicModel model)
    {
        Model read = OnnxReader.Read(PublicModels.PathOf(model));
        Assert.Empty(GraphVerifier.Verify(read));
        Assert.Empty(GraphVerifier.VerifyTypes(read));
        Assert.Empty(GraphVerifier.Verify(read.Clone()));
    }

    [Fact]
    public void A_node_before_the_one_that_it_reads()
    {
        Node relu = AddOutput("Relu", _x);
        Node neg = _graph.AddNode("Neg", [_x], before: null);
        relu.SetInput(0, neg.Output);
        AssertBroken(VerificationRule.TopologicalOrder, "Relu", "Neg");
        Assert.Null(_graph.SortTopologically());
        Assert.Empty(GraphVerifier.Verify(_model));
    }

    [Fact]
    public void A_subgraph_before_the_node_that_it_captures_from()
    {
        (Node node, Graph branch, _) = AddIf();
        Node late = _graph.AddNode("Exp", [_x]);
        branch.Nodes.First!.SetInput(0, late.Output);
        AssertBroken(VerificationRule.TopologicalOrder, "Neg", "Exp");
        Assert.Null(_graph.SortTopologically());
        Assert.Same(node, _graph.Nodes.Last);
        Assert.Empty(GraphVerifier.Verify(_model));
    }

    [Fact]
    public void A_node_that_reads_itself()
    {
        Node relu = AddOutput("Relu", _x);
        relu.SetInput(0, relu.Output);
        AssertBroken(VerificationRule.Dangling, "Relu", "input 0");
    }

    [Fact]
    public void A_value_whose_node_is_gone()
    {
        Node neg = _graph.AddNode("Neg", [_x]);
        Value gone = neg.Output;
        _graph.Remove(neg);
        AddOutput("Relu", gone);
        AssertBroken(VerificationRule.Dangling, "Relu", "Neg");
    }

    [Fact]
    public void An_initializer_that_is_gone()
    {
        Value constant = _graph.AddInitializer("w", Tensor.Vector(1f, 2f));
        _graph.RemoveInitializer(constant);
        AddOutput("Relu", constant);
        AssertBroken(VerificationRule.Dangling, "Relu", "w");
    }

    [Fact]
    public void An_output_that_was_left_out()
    {
        Node dropout = _graph.AddNode("Dropout", [_x], ["", "mask"]);
        AddOutput("Relu", dropout.Outputs[0]);
        AssertBroken(VerificationRule.Dangling, "Relu", "leaves out");
    }

    [Fact]
    public void A_value_of_another_branch()
    {
        (_, Graph then, Graph otherwise) = AddIf();
        otherwise.Nodes.First!.SetInput(0, then.Nodes.First!.Output);
        AssertBroken(VerificationRule.Scope, "Neg", "then_branch");
    }

    [Fact]
    public void An_inner_value_read_outside()
    {
        (_, Graph then, _) = AddIf();
        AddOutput("Relu", then.Nodes.First!.Output);
        AssertBroken(VerificationRule.Scope, "Relu", "then_branch");
    }

    [Fact]
    public void A_value_with_two_definitions()
    {
        Node relu = AddOutput("Relu", _x);
        Node neg = _graph.AddNode("Neg", [_x]);
        neg.OutputArray[0] = relu.Output;
        AssertBroken(VerificationRule.SingleDefinition, "Neg", "also defined otherwise");
    }

    [Fact]
    public void A_constant_that_is_also_computed()
    {
        Value constant = _graph.AddInitializer("w", Tensor.Vector(1f, 2f));
        constant.Producer = AddOutput("Relu", constant);
        AssertBroken(VerificationRule.SingleDefinition, "w", "also computed");
    }

    [Fact]
    public void A_use_that_is_not_booked()
    {
        Node relu = AddOutput("Relu", _x);
        _x.UseList.Clear();
        AssertBroken(VerificationRule.Uses, "Relu", "'x'");
    }

    [Fact]
    public void A_use_that_is_booked_and_not_there()
    {
        Node relu = AddOutput("Relu", _x);
        _x.UseList.Add(new Use(relu, 0));
        AssertBroken(VerificationRule.Uses, "x", "2 uses");
    }

    [Fact]
    public void An_output_that_is_counted_and_not_there()
    {
        AddOutput("Relu", _x);
        _x.OutputCount++;
        AssertBroken(VerificationRule.Uses, "x", "1 outputs");
    }

    [Fact]
    public void A_subgraph_held_by_two_nodes()
    {
        (Node node, Graph then, _) = AddIf();
        Node other = _graph.AddNode("If", [node.Input(0)], ["z"]);
        other.Attributes.Set(new NodeAttribute("then_branch", then));
        other.Attributes.Set(new NodeAttribute("else_branch", then));
        AssertBroken(VerificationRule.Subgraph, "If", "another node");
    }

    [Fact]
    public void One_value_as_two_outputs()
    {
        _graph.AddOutput(AddOutput("Relu", _x).Output);
        AssertBroken(VerificationRule.Outputs, "Relu", "two outputs");
    }

    [Fact]
    public void A_constant_of_another_type_than_its_tensor()
    {
        Value constant = _graph.AddInitializer("w", Tensor.Vector(1f, 2f));
        constant.Type = new TensorType(ElementType.Float, Shape.Of(3));
        AssertBroken(VerificationRule.InitializerType, "w", "Float[3]");
    }

    [Fact]
    public void An_operator_set_that_is_not_imported()
    {
        _graph.AddOutput(_graph.AddNode("Gelu", [_x], domain: "com.microsoft").Output);
        AssertBroken(VerificationRule.Opset, "Gelu", "com.microsoft");
    }

    [Fact]
    public void An_operator_that_is_deprecated()
    {
        Value scales = _graph.AddInitializer("scales", Tensor.Vector(2f));
        _graph.AddOutput(_graph.AddNode("Upsample", [_x, scales]).Output);
        AssertBroken(VerificationRule.Deprecated, "Upsample", "10");
    }

    [Theory]
    [InlineData("Relu", 2, "takes 1 inputs")]
    [InlineData("Add", 1, "takes 2 inputs")]
    [InlineData("Clip", 4, "takes 1 to 3 inputs")]
    [InlineData("Concat", 0, "at least 1")]
    public void A_node_with_a_wrong_number_of_inputs(string op, int count, string text)
    {
        _graph.AddOutput(_graph.AddNode(op, Enumerable.Repeat(_x, count).ToArray()).Outputs[0]);
        AssertBroken(VerificationRule.Arity, op, text);
    }

    [Fact]
    public void A_node_with_too_many_outputs()
    {
        _graph.AddOutput(_graph.AddNode("Relu", [_x], 2).Outputs[0]);
        AssertBroken(VerificationRule.Arity, "Relu", "takes 1 outputs");
    }

    [Fact]
    public void An_attribute_that_the_operator_does_not_have_in_this_version()
    {
        Node node = AddOutput("Relu", _x);
        node.Attributes.Set("alpha", 1f);
        AssertBroken(VerificationRule.Attributes, "Relu", "alpha");
    }

    [Fact]
    public void An_attribute_of_the_wrong_kind()
    {
        Node node = AddOutput("Softmax", _x);
        node.Attributes.Set("axis", 1f);
        AssertBroken(VerificationRule.Attributes, "Softmax", "must be a Int");
    }

    [Fact]
    public void A_required_attribute_that_is_missing()
    {
        AddOutput("Cast", _x);
        AssertBroken(VerificationRule.Attributes, "Cast", "'to'");
    }

    [Fact]
    public void A_reference_to_a_parameter_outside_a_function()
    {
        Node node = AddOutput("Softmax", _x);
        node.Attributes.Set(new NodeAttribute("axis", AttributeKind.Int, null, "axis"));
        AssertBroken(VerificationRule.Attributes, "Softmax", "in no function");
    }

    [Fact]
    public void A_declared_type_that_the_operator_contradicts()
    {
        AddOutput("Relu", _x).Output.Type = new TensorType(ElementType.Float, Shape.Of(3));
        Violation violation = Assert.Single(GraphVerifier.VerifyTypes(_model));
        Assert.Equal(VerificationRule.Type, violation.Rule);
        Assert.Equal("[3]", _graph.Outputs[0].Shape!.ToString());
    }

    [Fact]
    public void The_first_violation_of_a_model_and_none_of_a_valid_one()
    {
        AddOutput("Relu", _x);
        Assert.Null(GraphVerifier.FirstViolation(_model));
        _graph.Outputs[0].Type = new TensorType(ElementType.Float, Shape.Of(3));
        Assert.Equal(VerificationRule.Type, GraphVerifier.FirstViolation(_model)!.Rule);
        AddOutput("Cast", _x).Name = "caster";
        Violation violation = GraphVerifier.FirstViolation(_model)!;
        Assert.Equal(VerificationRule.Attributes, violation.Rule);
        Assert.Contains("caster", violation.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_operators_and_versions_pass()
    {
        AddOutput("Invented", _x, _x, _x);
        Assert.Empty(GraphVerifier.Verify(_model));
        _model.Opsets[""] = 99;
        AddOutput("Relu", _x, _x);
        Assert.Empty(GraphVerifier.Verify(_model));
    }

    private void AssertBroken(VerificationRule rule, string where, string text)
    {
        IReadOnlyList<Violation> violations = GraphVerifier.Verify(_model);
        Assert.Contains(violations, v => v.Rule == rule && v.Where.Contains(where, StringComparison.Ordinal) && v.Text.Contains(text, StringComparison.Ordinal));
    }

    private Node AddOutput(string op, params Value[] inputs)
    {
        Node node = _graph.AddNode(op, inputs);
        _graph.AddOutput(node.Output);
        return node;
    }

    private (Node Node, Graph Then, Graph Else) AddIf()
    {
        Value condition = _graph.AddInput("c", new TensorType(ElementType.Bool, Shape.Scalar));
        Node node = _graph.AddNode("If", [condition], ["y"]);
        Graph[] branches = [new("then_branch", _graph), new("else_branch", _graph)];
        foreach (Graph branch in branches)
        {
            branch.AddOutput(branch.AddNode("Neg", [_x]).Output);
            node.Attributes.Set(new NodeAttribute(branch.Name, branch));
        }
        _graph.AddOutput(node.Output);
        return (node, branches[0], branches[1]);
    }
}
