using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Models that are no valid ONNX: the error says which node breaks which rule.</summary>
public sealed class BrokenModelTests
{
    public static TheoryData<string, string, string> Broken => new()
    {
        { "too many inputs", "OM1004", "Arity" },
        { "a missing attribute", "OM1004", "Attributes" },
        { "an operator of no imported set", "OM1004", "Opset" },
        { "a shape that contradicts the operator", "OM1004", "Type" },
        { "an operator that nobody knows", "OM1007", "Invented" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void The_error_names_node_and_rule(string what, string code, string rule)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 3);
        Node node = what switch
        {
            "too many inputs" => b.Node("Relu", [x, x]),
            "a missing attribute" => b.Node("Cast", [x]),
            "an operator of no imported set" => b.Node("Relu", [x], 1, "com.example"),
            "an operator that nobody knows" => b.Node("Invented", [x]),
            _ => b.Node("MatMul", [x, x]),
        };
        node.Name = "the_culprit";
        b.Output("y", node.Output, new TensorType(ElementType.Float, Shape.Of(2, 3)));
        CompilerException e = Assert.Throws<CompilerException>(() => Compiler.Compile(b.Model, new CompileOptions { MeasureLatency = false }));
        Assert.Equal(code, e.Code);
        Assert.Contains("the_culprit", e.Message, StringComparison.Ordinal);
        Assert.Contains(rule, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("com.acme", 17, 8, "'com.acme:Own' is no operator of ONNX Runtime")]
    [InlineData("", 99, 8, "The model is in operator set 99: export it with opset ")]
    [InlineData("", 17, 99, "The file is of version 99 of the format")]
    [InlineData("", 17, 8, "Check the export")]
    public void What_ONNX_Runtime_refuses_comes_with_what_to_do(string domain, long opset, long irVersion, string expected)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 3);
        b.Output("y", b.Node(opset == 99 ? "Relu" : "Own", [x], 1, domain).Output, new TensorType(ElementType.Float, Shape.Of(2, 3)));
        b.Model.Opsets[""] = opset;
        b.Model.Opsets[domain] = domain.Length > 0 ? 1 : opset;
        b.Model.IrVersion = irVersion;

        CompilerException e = Assert.Throws<CompilerException>(() => Compiler.Compile(b.Model, new CompileOptions { MeasureLatency = false }));

        Assert.Equal("OM1007", e.Code);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }
}
