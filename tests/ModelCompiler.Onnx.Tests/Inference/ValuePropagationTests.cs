namespace ModelCompiler.Onnx.Tests.Inference;

public class ValuePropagationTests
{
    private readonly Graph _graph = new("g");

    private Value Input(string name, string type) => _graph.AddInput(name, OperatorCase.Type(type));

    private Value Constant(params long[] values) => _graph.AddInitializer("", Tensor.Vector<long>(values));

    private Value Scalar(long value) => _graph.AddInitializer("", Tensor.Scalar(value));

    private Value Node(string op, params Value?[] inputs) => _graph.AddNode(op, inputs).Output;

    private Value Concat(params Value?[] inputs)
    {
        Node node = _graph.AddNode("Concat", inputs);
        node.Attributes.Set("axis", 0);
        return node.Output;
    }

    private InferenceResult Infer(long opset = 14)
    {
        var model = new Model(_graph);
        model.Opsets[""] = opset;
        return model.InferTypes();
    }

    [Fact]
    public void A_batch_that_is_gathered_from_the_shape_returns_in_the_reshape()
    {
        Value x = Input("x", "f[batch,3,64]");
        Value batch = Node("Unsqueeze", Node("Gather", Node("Shape", x), Scalar(0)), Constant(0));
        Value y = Node("Reshape", x, Concat(batch, Constant(-1), Constant(64)));

        Assert.Empty(Infer().Issues);
        Assert.Equal("f[batch,3,64]", OperatorCase.Text(y.Type));
    }

    [Fact]
    public void An_unnamed_dimension_is_followed_by_its_identity()
    {
        Value x = Input("x", "f[?,3,64]");
        Value batch = Node("Unsqueeze", Node("Gather", Node("Shape", x), Scalar(0)), Constant(0));
        Value y = Node("Reshape", x, Concat(batch, Constant(-1)));

        Infer();
        Assert.Equal("f[?,192]", OperatorCase.Text(y.Type));
        Assert.True(y.Shape![0].IsSame(x.Shape![0]));
        Assert.Null(x.Shape[0].Symbol);
    }

    [Fact]
    public void Heads_are_split_by_division()
    {
        Value x = Input("x", "f[batch,seq,768]");
        Value shape = Node("Shape", x);
        Value hidden = Node("Gather", shape, Constant(2));
        Value perHead = Node("Div", hidden, Constant(12));
        Value target = Concat(Node("Gather", shape, Constant(0)), Node("Gather", shape, Constant(1)), Constant(12), perHead);
        Value y = Node("Reshape", x, target);

        Assert.Empty(Infer().Issues);
        Assert.Equal("f[batch,seq,12,64]", OperatorCase.Text(y.Type));
    }

    [Fact]
    public void Minus_ones_in_an_expand_shape_are_replaced_through_Where_and_Equal()
    {
        Value x = Input("x", "f[batch,1,seq]");
        Value shape = Concat(Constant(-1), Node("Gather", Node("Shape", x), Constant(2)), Constant(-1));
        Value ones = Node("ConstantOfShape", Constant(3));
        Value one = Node("Add", ones, Constant(1, 1, 1));
        Value cast = Node("Cast", one);
        cast.Producer!.Attributes.Set("to", (long)ElementType.Int64);
        Value target = Node("Where", Node("Equal", shape, Constant(-1, -1, -1)), cast, shape);
        Value y = Node("Expand", x, target);
        ones.Producer!.Attributes.Set(new NodeAttribute("value", Tensor.Vector<long>(0)));

        Assert.Empty(Infer().Issues);
        Assert.Equal("f[batch,seq,seq]", OperatorCase.Text(y.Type));
    }

    [Fact]
    public void A_slice_of_the_shape_scaled_by_two_resizes()
    {
        Value x = Input("x", "f[n,16,h,w]");
        Value spatial = Node("Slice", Node("Shape", x), Constant(2), Constant(4), Constant(0));
        Value channels = Node("Slice", Node("Shape", x), Constant(0), Constant(2), Constant(0));
        Value sizes = Concat(channels, Node("Mul", spatial, Constant(2)));
        Value y = Node("Resize", x, null, null, sizes);

        Assert.Empty(Infer().Issues);
        Assert.Equal("f[n,16,2*h,2*w]", OperatorCase.Text(y.Type));
    }

    [Fact]
    public void Past_and_new_keys_add_up_under_the_name_that_the_exporter_gave()
    {
        Value past = Input("past", "f[b,8,past_len,64]");
        Value next = Input("next", "f[b,8,seq,64]");
        Node concat = _graph.AddNode("Concat", [past, next]);
        concat.Attributes.Set("axis", -2);
        Value mask = Input("mask", "i[b,past_len + seq]");

        Infer();
        Assert.True(concat.Output.Shape![2].IsSame(mask.Shape![1]));
    }

    [Fact]
    public void Positions_are_a_range_from_the_past_to_the_total()
    {
        Value past = Input("past", "f[b,past_len]");
        Value ids = Input("ids", "i[b,seq]");
        Value start = Node("Gather", Node("Shape", past), Scalar(1));
        Value end = Node("Add", start, Node("Gather", Node("Shape", ids), Scalar(1)));
        Value range = Node("Range", start, end, Scalar(1));

        Assert.Empty(Infer().Issues);
        Assert.Equal("i[seq]", OperatorCase.Text(range.Type));
    }

    [Fact]
    public void Elements_are_told_to_passes()
    {
        Value x = Input("x", "f[batch,3,64]");
        Value tail = Node("Slice", Node("Shape", x), Constant(1), Constant(3), Constant(0));

        Infer();
        Assert.Equal([3, 64], tail.KnownElements()!.Select(e => e.ValueOrNull!.Value));
        Assert.Null(x.KnownElements());
    }

    [Theory]
    [InlineData(3_000_000_000L, ElementType.Int32)]
    [InlineData(-1L, ElementType.UInt8)]
    [InlineData((1L << 24) + 1, ElementType.Float)]
    public void What_does_not_fit_in_the_type_is_not_known(long number, ElementType to)
    {
        Value cast = Node("Cast", Constant(number, 1));
        cast.Producer!.Attributes.Set("to", (long)to);
        Infer();
        Assert.True(cast.KnownElements() is null || cast.KnownElements()![0].IsUnknown);
    }

    [Fact]
    public void Zero_times_a_float_that_is_not_known_may_be_no_number()
    {
        Value infinite = _graph.AddInitializer("", Tensor.Vector(float.PositiveInfinity, 2f));
        Value product = Node("Mul", infinite, _graph.AddInitializer("", Tensor.Vector(0f, 0f)));
        Infer();
        Assert.True(product.KnownElements()![0].IsUnknown);
        Assert.Equal(0, product.KnownElements()![1].ValueOrNull);
    }
}
