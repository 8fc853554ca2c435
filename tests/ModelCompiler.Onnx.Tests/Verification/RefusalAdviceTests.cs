namespace ModelCompiler.Onnx.Tests.Verification;

public class RefusalAdviceTests
{
    [Theory]
    [InlineData("string_normalizer.cc:235 Failed to construct locale with name:en_US.UTF-8", "lacks a locale")]
    [InlineData("Something else", "Check the export")]
    public void Follows_what_ONNX_Runtime_says(string reason, string advice) =>
        Assert.Contains(advice, RefusalAdvice.For(new Model(new Graph("g")), reason), StringComparison.Ordinal);

    [Theory]
    [InlineData(ElementType.Float4E2M1, "Could not find an implementation for DequantizeLinear(23) node with name ''", "Float4E2M1")]
    [InlineData(ElementType.Float8E4M3FN, "Type Error: Type 'tensor(float8e4m3fn)' of input parameter (t0) of operator (QLinearConv) in node (Conv_5) is invalid", "Float8E4M3FN")]
    [InlineData(ElementType.Float8E4M3FN, "Something else", "opset 22")]
    [InlineData(ElementType.Int4, "Could not find an implementation for DequantizeLinear(23) node with name ''", "opset 22")]
    public void Names_types_of_other_hardware(ElementType type, string reason, string advice)
    {
        var model = new Model(new Graph("g"));
        model.Opsets[""] = 23;
        Value weights = model.Graph.AddInitializer("w", new Tensor(type, [4], new byte[type.ByteSize(4)]));
        model.Graph.AddNode("DequantizeLinear", [weights, model.Graph.AddInitializer("s", Tensor.Scalar(1f))]);
        Assert.Contains(advice, RefusalAdvice.For(model, reason), StringComparison.Ordinal);
    }
}
