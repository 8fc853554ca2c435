namespace ModelCompiler.Onnx.Tests.Opsets;

/// <summary>What conversion refuses and keeps. That converted models answer alike is tested on ONNX Runtime, in ModelCompiler.Optimizer.Tests.</summary>
public class OpsetConverterTests
{
    private readonly Graph _graph = new("main");
    private readonly Model _model;
    private readonly Value _x;

    public OpsetConverterTests()
    {
        _model = new Model(_graph) { IrVersion = 3, Opsets = { [""] = 9 } };
        _x = _graph.AddInput("x", new TensorType(ElementType.Float, Shape.Of(2, 4)));
    }

    [Fact]
    public void Every_change_of_an_operator_has_a_rule_or_is_listed_here()
    {
        // Batches of sequences of different lengths: Scan 8 cannot be said in later versions.
        string[] without = ["Scan 9"];
        var missing = OperatorSchemas.All.Where(h => h[0].Domain.Length == 0).SelectMany(h => h.Skip(1))
            .Where(s => !s.IsCompatible && OpsetRules.Find(s.Name, s.SinceVersion) is null).Select(s => $"{s.Name} {s.SinceVersion}");
        Assert.Equal(without, missing.Order());
    }

    [Theory]
    [InlineData(9, 4)]
    [InlineData(13, 7)]
    [InlineData(17, 8)]
    [InlineData(22, 10)]
    public void The_format_version_rises_with_the_operator_set(long opset, long irVersion)
    {
        Add("Relu", _x);
        _model.Opsets[""] = 8;
        OpsetConverter.Convert(_model, opset);
        Assert.Equal((opset, irVersion), (_model.Opset, _model.IrVersion));
    }

    [Fact]
    public void A_newer_model_stays_as_it_is()
    {
        Add("Relu", _x);
        _model.Opsets[""] = 17;
        OpsetConverter.Convert(_model, 13);
        Assert.Equal((17, 3), (_model.Opset, _model.IrVersion));
    }

    [Fact]
    public void Names_of_inputs_outputs_and_nodes_are_kept()
    {
        Node softmax = _graph.AddNode("Softmax", [_x], ["y"], name: "s");
        softmax.Attributes.Set("axis", 0L);
        Node scatter = _graph.AddNode("Scatter", [softmax.Output, softmax.Output, softmax.Output], ["z"], name: "t");
        _graph.AddOutput(softmax.Output);
        _graph.AddOutput(scatter.Output);
        OpsetConverter.Convert(_model, 13);
        Assert.Equal(["x"], _graph.Inputs.Select(v => v.Name));
        Assert.Equal(["y", "z"], _graph.Outputs.Select(v => v.Name));
        Assert.Equal(["Shape", "Flatten", "Softmax", "Reshape", "ScatterElements"], _graph.Nodes.Select(n => n.OpType));
        Assert.Equal(["", "", "s", "", "t"], _graph.Nodes.Select(n => n.Name));
        Assert.Equal("Float[2,4]", _graph.Outputs[0].Type!.ToString());
    }

    [Fact]
    public void Bounds_have_the_type_of_the_input()
    {
        Node clip = Add("Clip", _graph.AddInput("h", new TensorType(ElementType.Float16, null)));
        clip.Attributes.Set("max", 6f);
        OpsetConverter.Convert(_model, 11);
        Assert.Null(clip.Input(1));
        Assert.Equal("Float16[]", clip.Constant(2)!.ToString());
        Assert.Empty(clip.Attributes);
    }

    [Fact]
    public void An_operator_in_an_unknown_domain_is_left_alone()
    {
        Node node = _graph.AddNode("Squeeze", [_x], domain: "other");
        node.Attributes.Set("axes", [1L, 2L]);
        OpsetConverter.Convert(_model, 13);
        Assert.Equal([1L, 2L], node.Attributes["axes"].Ints);
    }

    [Fact]
    public void A_type_that_a_rule_needs_and_is_not_known_is_a_reason()
    {
        Node clip = Add("Clip", _graph.AddNode("Invented", [_x]).Output);
        clip.Attributes.Set("min", 0f);
        AssertRefused(13, "Clip", "element type");
    }

    [Fact]
    public void A_mask_of_another_type_is_a_reason()
    {
        _model.Opsets[""] = 7;
        _graph.AddOutput(_graph.AddNode("Dropout", [_x], 2).Outputs[1]);
        AssertRefused(13, "Dropout", "mask");
    }

    [Fact]
    public void Statistics_of_training_are_a_reason()
    {
        Value s = _graph.AddInitializer("s", Tensor.Vector(1f, 1f, 1f, 1f));
        _graph.AddOutput(_graph.AddNode("BatchNormalization", [_x, s, s, s, s], 5).Outputs[1]);
        AssertRefused(14, "BatchNormalization", "training");
    }

    [Fact]
    public void Scales_that_are_computed_are_a_reason()
    {
        _model.Opsets[""] = 10;
        Add("Resize", _x, _graph.AddInput("scales", new TensorType(ElementType.Float, Shape.Of(2))));
        AssertRefused(11, "Resize", "scales");
    }

    [Fact]
    public void An_operator_without_a_rule_is_named()
    {
        _model.Opsets[""] = 8;
        Graph body = new("body", _graph);
        body.AddOutput(body.AddNode("Relu", [body.AddInput("i", null)]).Output);
        Node scan = _graph.AddNode("Scan", [null, _x], name: "loop");
        scan.Attributes.Set(new NodeAttribute("body", body));
        scan.Attributes.Set("num_scan_inputs", 1L);
        _graph.AddOutput(scan.Output);
        AssertRefused(9, "Scan", "'loop");
    }

    [Fact]
    public void Versions_before_seven_are_refused()
    {
        _model.Opsets[""] = 6;
        Add("Relu", _x);
        AssertRefused(13, "before 7", "");
    }

    /// <summary>Refused with operator and node, and nothing has changed: not even what could have been converted.</summary>
    private void AssertRefused(long target, string name, string reason)
    {
        Node squeeze = Add("Squeeze", _x);
        squeeze.Attributes.Set(new NodeAttribute("axes", [0L]));
        byte[] before = OnnxWriter.ToBytes(_model);
        var error = Assert.Throws<CompilerException>(() => OpsetConverter.Convert(_model, target, "Per-channel quantization"));
        Assert.Equal("OM3001", error.Code);
        Assert.StartsWith("Per-channel quantization needs", error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, OnnxWriter.ToBytes(_model));
    }

    private Node Add(string op, params Value[] inputs)
    {
        Node node = _graph.AddNode(op, inputs);
        _graph.AddOutput(node.Output);
        return node;
    }
}
