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
        CompilerException e = Assert.Throws<CompilerException>(() => Compiler.Compile(b.Model, new CompileOptions()));
        Assert.Equal(code, e.Code);
        Assert.Contains("the_culprit", e.Message, StringComparison.Ordinal);
        Assert.Contains(rule, e.Message, StringComparison.Ordinal);
    }
}
