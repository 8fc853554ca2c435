namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class LoopsTests
{
    private readonly Graph _graph = new("g");
    private readonly Model _model;

    public LoopsTests()
    {
        _model = new Model(_graph);
        _model.Opsets[""] = 16;
    }

    [Fact]
    public void State_that_keeps_its_shape_keeps_its_symbols()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,3]"));
        Node loop = Loop(Trips(5), x, (body, state) => body.AddNode("Relu", [state]).Output, stacks: true);
        Assert.Empty(_model.InferTypes().Issues);
        Assert.Equal("f[n,3] f[5,n,3]", OperatorCase.Text(loop));
    }

    [Fact]
    public void State_that_grows_loses_the_size_that_grows()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,3]"));
        Node loop = Loop(Trips(5), x, (body, state) => Concat(body, state, state), stacks: false);
        InferenceResult result = _model.InferTypes();
        Assert.Equal("f[?,3]", OperatorCase.Text(loop));
        Assert.Contains("state changes its shape", Assert.Single(result.Unknown).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void State_that_changes_its_rank_loses_it()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,3]"));
        Value axis = _graph.AddInitializer("axis", Tensor.Vector(0L));
        Node loop = Loop(Trips(5), x, (body, state) => body.AddNode("Unsqueeze", [state, axis]).Output, stacks: false);
        _model.InferTypes();
        Assert.Equal("f[...]", OperatorCase.Text(loop));
    }

    [Fact]
    public void The_trip_count_may_be_a_symbol()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[s,3]"));
        Value trips = _graph.AddNode("Gather", [_graph.AddNode("Shape", [x]).Output, _graph.AddInitializer("zero", Tensor.Scalar(0L))]).Output;
        Node loop = Loop(trips, x, (body, state) => body.AddNode("Relu", [state]).Output, stacks: true);
        Assert.Empty(_model.InferTypes().Issues);
        Assert.Equal("f[s,3] f[s,s,3]", OperatorCase.Text(loop));
    }

    [Fact]
    public void A_loop_that_may_end_early_stacks_an_unknown_number()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,3]"));
        Node loop = Loop(Trips(5), x, (body, state) => body.AddNode("Relu", [state]).Output, stacks: true);
        Graph inner = loop.Subgraphs.First();
        Value condition = inner.AddNode("ReduceMax", [inner.AddNode("Cast", [inner.Inputs[2]]).Output]).Output;
        condition.Producer!.Inputs[0]!.Producer!.Attributes.Set("to", (long)ElementType.Bool);
        inner.Outputs[0].Graph.ReplaceAllUses(inner.Outputs[0], condition);
        _model.InferTypes();
        Assert.Equal("f[n,3] f[?,n,3]", OperatorCase.Text(loop));
    }

    [Fact]
    public void Sizes_of_one_iteration_do_not_leave_the_loop()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n]"));
        Node loop = Loop(Trips(5), x, (body, state) => body.AddNode("Cast", [Squeeze(body, body.AddNode("NonZero", [state]).Output)]).Output, stacks: true);
        foreach (Node node in loop.Subgraphs.First().Nodes)
            if (node.OpType == "Cast") node.Attributes.Set("to", (long)ElementType.Float);
        _model.InferTypes();
        Shape state = loop.Outputs[0].Shape!;
        Shape stacked = loop.Outputs[1].Shape!;
        Assert.Equal("f[?] f[5,?]", OperatorCase.Text(loop));
        Assert.False(state[0].IsSame(stacked[1]));
    }

    [Fact]
    public void Loops_in_loops_are_looked_at_a_bounded_number_of_times()
    {
        // Each level generalizes its state, which would double the looks at every level below.
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,3]"));
        Node outer = Nest(_graph, x, 24);
        _model.InferTypes();
        Assert.Equal(ElementType.Float, outer.Outputs[0].ElementType);
    }

    [Fact]
    public void The_first_element_decides_the_shape_in_a_sequence_that_starts_empty()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,3]"));
        Value empty = _graph.AddNode("SequenceEmpty", []).Output;
        Node loop = Loop(Trips(5), empty, (body, state) => body.AddNode("SequenceInsert", [state, x]).Output, stacks: false);
        _model.InferTypes();
        Assert.Equal("seq(f[n,3])", OperatorCase.Text(loop));
    }

    [Fact]
    public void Inferring_again_changes_nothing()
    {
        Value x = _graph.AddInput("x", OperatorCase.Type("f[n,3]"));
        Node loop = Loop(Trips(5), x, (body, state) => Concat(body, state, state), stacks: true);
        _model.InferTypes();
        string first = OperatorCase.Text(loop);
        _model.InferTypes();
        Assert.Equal(first, OperatorCase.Text(loop));
    }

    [Theory]
    [InlineData("f[s,3]", null, "f[3] f[s,3]")]
    [InlineData("f[3,s]", 1L, "f[3] f[s,3]")]
    public void Scan_takes_the_scanned_axis_away(string scanned, long? axis, string expected)
    {
        Value sum = _graph.AddInput("sum", OperatorCase.Type("f[3]"));
        Node scan = _graph.AddNode("Scan", [sum, _graph.AddInput("x", OperatorCase.Type(scanned))], 2);
        var body = new Graph("body", _graph);
        Value next = body.AddNode("Add", [body.AddInput("state", null), body.AddInput("element", null)]).Output;
        body.AddOutput(next);
        body.AddOutput(body.AddNode("Identity", [next]).Output);
        scan.Attributes.Set("num_scan_inputs", 1L);
        if (axis is { } given) scan.Attributes.Set(new NodeAttribute("scan_input_axes", [given]));
        scan.Attributes.Set(new NodeAttribute("body", body));
        Assert.Empty(_model.InferTypes().Issues);
        Assert.Equal(expected, OperatorCase.Text(scan));
    }

    private Value Trips(long count) => _graph.AddInitializer("trips", Tensor.Scalar(count));

    private static Value Squeeze(Graph graph, Value value) => graph.AddNode("Squeeze", [value, graph.AddInitializer("", Tensor.Vector(0L))]).Output;

    private static Value Concat(Graph graph, params Value[] values)
    {
        Node node = graph.AddNode("Concat", values);
        node.Attributes.Set("axis", 0L);
        return node.Output;
    }

    /// <summary>A loop of one state, which it can also stack.</summary>
    private Node Loop(Value trips, Value state, Func<Graph, Value, Value> step, bool stacks)
    {
        Node loop = _graph.AddNode("Loop", [trips, null, state], stacks ? 2 : 1);
        loop.Attributes.Set(new NodeAttribute("body", Body(_graph, step, stacks)));
        return loop;
    }

    private static Graph Body(Graph outer, Func<Graph, Value, Value> step, bool stacks)
    {
        var body = new Graph("body", outer);
        body.AddInput("i", OperatorCase.Type("i[]"));
        Value condition = body.AddInput("condition", OperatorCase.Type("b[]"));
        Value next = step(body, body.AddInput("state", null));
        body.AddOutput(body.AddNode("Identity", [condition]).Output);
        body.AddOutput(next);
        if (stacks) body.AddOutput(body.AddNode("Identity", [next]).Output);
        return body;
    }

    private static Node Nest(Graph outer, Value state, int depth)
    {
        Node loop = outer.AddNode("Loop", [outer.AddInitializer("", Tensor.Scalar(2L)), null, state]);
        loop.Attributes.Set(new NodeAttribute("body", Body(outer, (body, inner) => depth == 0 ? Concat(body, inner, inner) : Nest(body, Concat(body, inner, inner), depth - 1).Output, false)));
        return loop;
    }
}
