using Google.Protobuf;
using ModelCompiler.Onnx.Protos;
using static ModelCompiler.Onnx.Tests.Fixtures.Build;

namespace ModelCompiler.Onnx.Tests.Functions;

public class FunctionInlinerTests
{
    [Fact]
    public void A_call_becomes_the_body_with_the_names_outside_kept()
    {
        ModelProto proto = Calling("F");
        proto.Functions.Add(Function("F", Node("Exp", ["a"], ["t"]), Node("Neg", ["t"], ["b"])));
        Model model = Inline(proto, 1);
        Assert.Equal(["Exp", "Neg"], Operators(model));
        Assert.Equal("y", model.Graph.Outputs.Single().Name);
        Assert.Same(model.Graph.Inputs.Single(), model.Graph.Nodes.First!.Input(0));
    }

    [Fact]
    public void Attributes_come_from_the_call_else_from_the_default_else_are_left_out()
    {
        ModelProto proto = Calling("F", Float("given", 3));
        FunctionProto function = Function("F", Node("Op", ["a"], ["b"], Reference("first", "given"), Reference("second", "defaulted"), Reference("third", "absent"), Float("own", 4)));
        function.Attribute.Add(["given", "absent2"]);
        function.Attribute.RemoveAt(1);
        function.AttributeProto.Add([Float("defaulted", 2), Float("given", 1)]);
        proto.Functions.Add(function);
        Node node = Inline(proto, 1).Graph.Nodes.Single();
        Assert.Equal(["first=3", "second=2", "own=4"], node.Attributes.Select(a => $"{a.Name}={a.Float}"));
    }

    [Fact]
    public void A_required_attribute_must_be_given()
    {
        ModelProto proto = Calling("F");
        FunctionProto function = Function("F", Node("Op", ["a"], ["b"], Reference("x", "needed")));
        function.Attribute.Add("needed");
        proto.Functions.Add(function);
        AssertRefused("OM1004", proto, "needed");
    }

    [Fact]
    public void Functions_call_functions_in_subgraphs_too()
    {
        var branch = new GraphProto { Name = "branch", Node = { Call("Inner", "a", "r", Reference("alpha", "alpha")) }, Output = { new ValueInfoProto { Name = "r" } } };
        ModelProto proto = Calling("Outer", Float("alpha", 5));
        proto.Graph.Node.Add(Call("Inner", "y", "z", Float("alpha", 7)));
        proto.Graph.Output[0].Name = "z";
        FunctionProto outer = Function("Outer", Node("Shape", ["a"], ["c"]), Node("If", ["c"], ["b"], Graph("then_branch", branch), Graph("else_branch", branch)));
        outer.Attribute.Add("alpha");
        FunctionProto inner = Function("Inner", Node("Op", ["a"], ["b"], Reference("value", "alpha")));
        inner.Attribute.Add("alpha");
        proto.Functions.Add([outer, inner]);
        Model model = Inline(proto, 4);
        Assert.Equal(["Shape", "If", "Op"], Operators(model));
        Node[] ops = [.. model.Graph.AllNodes().Where(n => n.OpType == "Op")];
        Assert.Equal([5f, 5f, 7f], ops.Select(n => n.Attributes["value"].Float).Order());
        Assert.All(ops.Where(n => n.Graph != model.Graph), n => Assert.Same(model.Graph.Inputs[0], n.Input(0)));
    }

    [Fact]
    public void Calls_of_one_function_share_nothing()
    {
        ModelProto proto = Calling("F");
        proto.Graph.Node.Add(Call("F", "y", "z"));
        proto.Graph.Output.Add(Floats("z", 2));
        proto.Functions.Add(Function("F", Node("Exp", ["a"], ["t"]), Node("Neg", ["t"], ["b"])));
        Model model = Inline(proto, 2);
        Assert.Equal(["Exp", "Neg", "Exp", "Neg"], Operators(model));
        Assert.Equal(["y", "z"], model.Graph.Outputs.Select(v => v.Name));
    }

    [Fact]
    public void An_input_that_is_not_given_is_left_out_inside()
    {
        ModelProto proto = Calling("F");
        FunctionProto function = Function("F", Node("Clip", ["a", "low", "high"], ["b"]));
        function.Input.Add(["low", "high"]);
        proto.Functions.Add(function);
        proto.Graph.Node[0].Input.Add("");
        Node clip = Inline(proto, 1).Graph.Nodes.Single();
        Assert.Null(clip.Input(1));
        Assert.Null(clip.Input(2));
    }

    [Fact]
    public void A_result_that_is_a_parameter_keeps_the_name_outside()
    {
        ModelProto proto = Calling("F");
        FunctionProto function = Function("F");
        function.Output[0] = "a";
        proto.Functions.Add(function);
        Model model = Inline(proto, 1);
        Assert.Equal(["Identity"], Operators(model));
        Assert.Equal("y", model.Graph.Outputs[0].Name);
    }

    [Fact]
    public void Overloads_are_told_apart()
    {
        ModelProto proto = Calling("F");
        proto.Graph.Node[0].Overload = "2";
        FunctionProto other = Function("F", Node("Neg", ["a"], ["b"]));
        other.Overload = "2";
        proto.Functions.Add([Function("F", Node("Exp", ["a"], ["b"])), other]);
        Assert.Equal(["Neg"], Operators(Inline(proto, 1)));
    }

    [Fact]
    public void A_function_in_an_older_operator_set_is_converted()
    {
        ModelProto proto = Calling("F");
        FunctionProto function = Function("F", Node("Unsqueeze", ["a"], ["b"], new AttributeProto { Name = "axes", Type = 7, Ints = { 0 } }));
        function.OpsetImport[0].Version = 11;
        proto.Functions.Add(function);
        Model model = Inline(proto, 1);
        Assert.Equal([0L], model.Graph.Nodes.Single().Constant(1)!.AsSpan<long>());
    }

    [Fact]
    public void A_model_in_an_older_operator_set_than_its_function_is_converted()
    {
        ModelProto proto = Calling("F");
        proto.OpsetImport[0].Version = 11;
        proto.Functions.Add(Function("F", Node("Neg", ["a"], ["b"])));
        Assert.Equal(17, Inline(proto, 1).Opset);
    }

    [Fact]
    public void Other_operator_sets_must_agree()
    {
        ModelProto proto = Calling("F");
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "d", Version = 1 });
        FunctionProto function = Function("F", Node("Neg", ["a"], ["b"]));
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "d", Version = 2 });
        proto.Functions.Add(function);
        AssertRefused("OM1004", proto, "'d'");
    }

    [Fact]
    public void Recursion_is_refused()
    {
        ModelProto direct = Calling("F");
        direct.Functions.Add(Function("F", Call("F", "a", "b")));
        AssertRefused("OM1004", direct, "calls itself");
        ModelProto indirect = Calling("F");
        indirect.Functions.Add([Function("F", Call("G", "a", "b")), Function("G", Call("F", "a", "b"))]);
        AssertRefused("OM1004", indirect, "calls itself");
    }

    [Fact]
    public void A_long_chain_of_functions_is_inlined()
    {
        ModelProto proto = Chain(2_000, callsPerFunction: 1);
        Assert.Equal(["Neg"], Operators(Inline(proto, 2_000)));
    }

    [Fact]
    public void Exponential_growth_is_refused_before_it_happens() => AssertRefused("OM1005", Chain(64, callsPerFunction: 2), "more than");

    [Fact]
    public void Depth_through_functions_counts()
    {
        ModelProto proto = Calling("F0");
        for (int i = 0; i < 40; i++)
        {
            var branch = new GraphProto { Name = "g", Node = { i < 39 ? Call($"F{i + 1}", "a", "r") : Node("Neg", ["a"], ["r"]) }, Output = { new ValueInfoProto { Name = "r" } } };
            proto.Functions.Add(Function($"F{i}", Node("If", ["a"], ["b"], Graph("then_branch", branch), Graph("else_branch", branch))));
        }
        // Twice as many calls at each depth: depth must be noticed, too.
        AssertRefused("OM1005", proto, "");
    }

    private static ModelProto Chain(int length, int callsPerFunction)
    {
        ModelProto proto = Calling("F0");
        for (int i = 0; i < length - 1; i++)
        {
            string[] names = ["a", .. Enumerable.Range(1, callsPerFunction - 1).Select(k => $"t{k}"), "b"];
            proto.Functions.Add(Function($"F{i}", [.. Enumerable.Range(0, callsPerFunction).Select(k => Call($"F{i + 1}", names[k], names[k + 1]))]));
        }
        proto.Functions.Add(Function($"F{length - 1}", Node("Neg", ["a"], ["b"])));
        return proto;
    }

    private static Model Inline(ModelProto proto, int calls)
    {
        Model model = Read(proto);
        Assert.Equal(calls, FunctionInliner.Inline(model));
        Assert.Empty(model.Functions);
        Assert.DoesNotContain("local", model.Opsets.Keys);
        // Invented operators are not checked, the structure is.
        Assert.Empty(GraphVerifier.Verify(model));
        OnnxReader.Read(OnnxWriter.ToBytes(model));
        return model;
    }

    private static void AssertRefused(string code, ModelProto proto, string text)
    {
        var error = Assert.Throws<CompilerException>(() => FunctionInliner.Inline(OnnxReader.Read(proto.ToByteArray())));
        Assert.Equal(code, error.Code);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
    }

    private static string[] Operators(Model model) => [.. model.Graph.Nodes.Select(n => n.OpType)];

    private static ModelProto Calling(string function, params AttributeProto[] attributes)
    {
        ModelProto proto = Model(Relu());
        proto.Graph.Node[0] = Call(function, "x", "y", attributes);
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "local", Version = 1 });
        return proto;
    }

    private static NodeProto Call(string function, string input, string output, params AttributeProto[] attributes)
    {
        NodeProto node = Node(function, [input], [output], attributes);
        node.Domain = "local";
        return node;
    }

    private static FunctionProto Function(string name, params NodeProto[] nodes) => new()
    {
        Name = name,
        Domain = "local",
        Input = { "a" },
        Output = { "b" },
        OpsetImport = { new OperatorSetIdProto { Version = 17 }, new OperatorSetIdProto { Domain = "local", Version = 1 } },
        Node = { nodes },
    };

    private static AttributeProto Float(string name, float value) => new() { Name = name, Type = 1, F = value };

    private static AttributeProto Reference(string name, string parameter) => new() { Name = name, Type = 1, RefAttrName = parameter };
}
