using ModelCompiler.Onnx.Protos;
using static ModelCompiler.Onnx.Tests.Fixtures.Build;

namespace ModelCompiler.Onnx.Tests.Reading;

/// <summary>What exporters write, however odd.</summary>
public class GraphReaderTests
{
    [Fact]
    public void Nodes_in_any_order_are_sorted()
    {
        GraphProto graph = Relu();
        graph.Node[0].Input[0] = "b";
        graph.Node.Add(Node("Add", ["a", "x"], ["b"]));
        graph.Node.Add(Node("Neg", ["x"], ["a"]));
        Assert.Equal(["Neg", "Add", "Relu"], Read(graph).Graph.Nodes.Select(n => n.OpType));
    }

    [Fact]
    public void Nodes_in_order_stay_where_they_are()
    {
        GraphProto graph = Relu();
        graph.Node.Add(Node("B", ["x"], ["b"]));
        graph.Node.Add(Node("A", ["x"], ["a"]));
        Assert.Equal(["Relu", "B", "A"], Read(graph).Graph.Nodes.Select(n => n.OpType));
    }

    [Fact]
    public void An_output_that_is_listed_twice_is_one_but_in_a_subgraph()
    {
        GraphProto graph = Relu();
        var branch = new GraphProto { Name = "branch", Output = { Floats("x", 1), Floats("x", 1) } };
        graph.Node.Add(Node("If", ["c"], ["p", "q"], Graph("then_branch", branch)));
        graph.Input.Add(Floats("c"));
        graph.Output.Add(graph.Output[0]);
        graph.Output.Add(Floats("x", 1));
        Model model = Read(graph);
        Assert.Equal([graph.Output[0].Name, "x"], model.Graph.Outputs.Select(output => output.Name));
        Assert.Equal(["x", "x"], model.Graph.Nodes.Single(node => node.OpType == "If").Subgraphs.Single().Outputs.Select(output => output.Name));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void An_initializer_among_the_inputs_is_a_constant(long irVersion)
    {
        GraphProto graph = Relu();
        graph.Input.Insert(0, Floats("w", 1));
        graph.Initializer.Add(Raw("w", ElementType.Float, new byte[4], 1));
        Model model = Read(Model(graph, irVersion));
        Assert.Equal(["x"], model.Graph.Inputs.Select(v => v.Name));
        Assert.False(model.Graph.Initializers.Single().IsInput);

        // Versions before 4 demand that it is listed.
        ModelProto written = ModelProto.Parser.ParseFrom(OnnxWriter.ToBytes(model));
        Assert.Equal(irVersion, written.IrVersion);
        Assert.Equal(irVersion < 4 ? ["x", "w"] : ["x"], written.Graph.Input.Select(v => v.Name));
    }

    [Fact]
    public void The_last_of_two_initializers_of_one_name_counts()
    {
        GraphProto graph = Relu();
        graph.Initializer.Add(Raw("w", ElementType.UInt8, [1], 1));
        graph.Initializer.Add(Raw("w", ElementType.UInt8, [2, 3], 2));
        Assert.Equal([2, 3], Read(graph).Graph.Initializers.Single().Initializer!.Bytes.ToArray());
    }

    [Fact]
    public void Left_out_inputs_and_outputs_keep_their_places()
    {
        GraphProto graph = Relu();
        graph.Node[0] = Node("Op", ["x", "", "x", ""], ["", "y", ""]);
        Node node = Read(graph).Graph.Nodes.Single();
        Assert.Equal(["x", null, "x", null], node.Inputs.ToArray().Select(v => v?.Name));
        Assert.Equal(["", "y", ""], node.Outputs.ToArray().Select(v => v.Name));
        Assert.Equal(graph.Node[0], Rewrite(Model(graph)).Graph.Node[0]);
    }

    [Fact]
    public void A_subgraph_captures_outer_values_and_may_hand_them_out()
    {
        GraphProto graph = WithIf(
            new GraphProto { Name = "then", Node = { Node("Neg", ["late"], ["t"]) }, Output = { Floats("t", 2) } },
            new GraphProto { Name = "else", Output = { Floats("late", 2) } });
        // Defined after the If in the file.
        graph.Node.Add(Node("Exp", ["x"], ["late"]));
        Model model = Read(graph);
        Assert.Equal(["Exp", "If"], model.Graph.Nodes.Select(n => n.OpType));
        Value late = model.Graph.FindValue("late")!;
        Graph[] branches = [.. model.Graph.Nodes.Last!.Subgraphs];
        Assert.Same(late, branches[0].Nodes.Single().Input(0));
        Assert.Same(late, branches[1].Outputs.Single());
        Assert.True(late.IsOutput);
        Assert.Same(model.Graph, branches[0].Outer);
    }

    [Fact]
    public void Names_of_the_main_graph_are_kept_and_inner_ones_that_clash_are_not()
    {
        // Both branches call their value y, as the main graph does; and one has an inner x of its own.
        var then = new GraphProto { Name = "then", Node = { Node("Neg", ["x"], ["y"]) }, Output = { Floats("y", 2) } };
        var otherwise = new GraphProto { Name = "else", Node = { Node("Exp", ["x"], ["y"]), Node("Constant", [], ["x"]) }, Output = { Floats("y", 2) } };
        Model model = Read(WithIf(then, otherwise));
        Assert.Equal("y", model.Graph.Outputs.Single().Name);
        Assert.Equal("x", model.Graph.Inputs.Single(v => v.ElementType == ElementType.Float).Name);
        Graph[] branches = [.. model.Graph.Nodes.Single().Subgraphs];
        // An inner x hides the outer one.
        Assert.Equal("Constant", branches[1].Nodes.Last!.Input(0)!.Producer!.OpType);
        string[] names = [.. model.Graph.AllGraphs().SelectMany(g => g.Values()).Select(v => v.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void What_is_said_of_values_is_kept()
    {
        GraphProto graph = Relu();
        graph.Node.Add(Node("Neg", ["y"], ["z"]));
        graph.ValueInfo.Add([Floats("z", 2), Floats("nothing", 1)]);
        graph.ValueInfo[0].DocString = "negative";
        Model model = Read(graph);
        Value z = model.Graph.FindValue("z")!;
        Assert.Equal("Float[2]", z.Type!.ToString());
        Assert.Equal("negative", z.Doc);
        ModelProto written = Rewrite(Model(graph));
        Assert.Equal([graph.ValueInfo[0]], written.Graph.ValueInfo);
    }

    [Fact]
    public void A_sparse_initializer_is_a_constant_node()
    {
        GraphProto graph = Relu();
        var sparse = new SparseTensorProto { Values = Raw("s", ElementType.Float, new byte[4], 1), Indices = Raw("", ElementType.Int64, new byte[8], 1), Dims = { 2 } };
        graph.SparseInitializer.Add(sparse);
        graph.Node[0] = Node("Add", ["x", "s"], ["y"]);
        Node constant = Read(graph).Graph.Nodes.First!;
        Assert.Equal("Constant", constant.OpType);
        Assert.Equal([2L], constant.Attributes["sparse_value"].SparseTensor.Dims.ToArray());
        Assert.Equal("s", constant.Output.Name);
        Assert.Equal(sparse, Rewrite(Model(graph)).Graph.Node[0].Attribute[0].SparseTensor);
    }

    [Fact]
    public void A_dimension_of_minus_one_is_unknown()
    {
        GraphProto graph = Relu();
        graph.Input[0] = Floats("x", -1, 3);
        Assert.Equal("[?,3]", Read(graph).Graph.Inputs[0].Shape!.ToString());
    }

    [Fact]
    public void The_two_names_of_the_standard_domain_are_one()
    {
        ModelProto model = Model(Relu());
        model.OpsetImport[0].Domain = "ai.onnx";
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "unused", Version = 1 });
        model.Graph.Node[0].Domain = "ai.onnx";
        Model read = Read(model);
        Assert.Equal(17, read.Opset);
        Assert.Equal(1, read.Opsets["unused"]);
        Assert.True(read.Graph.Nodes.Single().Is("Relu"));
    }

    [Fact]
    public void An_attribute_of_the_first_format_has_the_kind_of_its_field()
    {
        GraphProto graph = Relu();
        graph.Node[0].Attribute.Add([new AttributeProto { Name = "axis", I = 0 }, new AttributeProto { Name = "alpha", F = 0 }, new AttributeProto { Name = "pads", Ints = { 1 } }]);
        AttributeMap attributes = Read(graph).Graph.Nodes.Single().Attributes;
        Assert.Equal([AttributeKind.Int, AttributeKind.Float, AttributeKind.Ints], attributes.Select(a => a.Kind));
    }

    private static GraphProto WithIf(GraphProto then, GraphProto otherwise) => new()
    {
        Name = "main",
        Input = { Floats("x", 2), new ValueInfoProto { Name = "c", Type = TensorOf(ElementType.Bool) } },
        Node = { Node("If", ["c"], ["y"], Graph("then_branch", then), Graph("else_branch", otherwise)) },
        Output = { Floats("y", 2) },
    };
}
