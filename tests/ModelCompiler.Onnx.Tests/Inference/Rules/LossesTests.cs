namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class LossesTests
{
    [Theory]
    [InlineData("NegativeLogLikelihoodLoss", "f[n,c] i[n]", "reduction='none'", "f[n]")]
    [InlineData("NegativeLogLikelihoodLoss", "f[n,c] i[n]", "", "f[]")]
    [InlineData("SoftmaxCrossEntropyLoss", "f[n,c,h] i[n,h]", "reduction='none'", "f[n,h] f[n,c,h]")]
    [InlineData("SoftmaxCrossEntropyLoss", "f[n,c] i[n]", "reduction='sum'", "f[]")]
    public void Types(string op, string inputs, string attributes, string expected) => OperatorCase.Check(op, 13, inputs, attributes, expected);
}
