namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class JoiningTests
{
    [Theory]
    [InlineData("f[n,3] f[n,s]", "axis=1", "f[n,s + 3]")]
    [InlineData("f[n,3] f[t,3]", "axis=-2", "f[n + t,3]")]
    [InlineData("f[2] f[3] f[0]", "axis=0", "f[5]")]
    [InlineData("f[?,3] f[4,3]", "axis=1", "f[4,6]")]
    [InlineData("f[n,3] f[n,?]", "axis=1", "f[n,?]")]
    [InlineData("f[n,3] f[...]", "axis=1", "f[n,?]")]
    [InlineData("f[...] f[...]", "axis=1", "f[...]")]
    public void Concat(string inputs, string attributes, string expected) => OperatorCase.Check("Concat", 13, inputs, attributes, expected);

    [Theory]
    [InlineData("f[2,3] f[2]", "f[2,?]")]
    [InlineData("f[2,3] f[3,3]", "f[2,6]")]
    public void Shapes_that_cannot_be_joined(string inputs, string expected) => OperatorCase.CheckContradiction("Concat", 13, inputs, "axis=1", expected);

    [Theory]
    [InlineData(11, "f[6,n]", "axis=0", "f[3,n] f[3,n]")]
    [InlineData(11, "f[n,6]", "axis=1 split=[2,4]", "f[n,2] f[n,4]")]
    [InlineData(13, "f[n,6] i{2,4}", "axis=-1", "f[n,2] f[n,4]")]
    [InlineData(13, "f[6,t]", "axis=1", "f[6,floor(t/2)] f[6,floor(t/2)]")]
    [InlineData(18, "f[7]", "num_outputs=2", "f[4] f[3]")]
    [InlineData(18, "f[7]", "num_outputs=3", "f[3] f[3] f[1]")]
    [InlineData(18, "f[s]", "num_outputs=2", "f[floor((s + 1)/2)] f[s - floor((s + 1)/2)]")]
    [InlineData(13, "f[n,6] i[2]", "axis=1", "f[n,?] f[n,?]")]
    [InlineData(13, "f[...]", "axis=1", "f[...] f[...]")]
    public void Split(long opset, string inputs, string attributes, string expected) => OperatorCase.Check("Split", opset, inputs, attributes, expected);

    [Theory]
    [InlineData("f[n,3] i{2,4}", "f[2*n,12]")]
    [InlineData("f[n,3] i<s,1>", "f[n*s,3]")]
    [InlineData("f[n,3] i{0,1}", "f[0,3]")]
    [InlineData("f[] i{}", "f[]")]
    [InlineData("f[n,3] i[2]", "f[?,?]")]
    public void Tile(string inputs, string expected) => OperatorCase.Check("Tile", 13, inputs, "", expected);
}
