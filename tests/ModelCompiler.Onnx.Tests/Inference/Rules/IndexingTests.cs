namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class IndexingTests
{
    [Theory]
    [InlineData("Gather", "f[9,c] i[n,s]", "", "f[n,s,c]")]
    [InlineData("Gather", "f[9,c] i=1", "axis=1", "f[9]")]
    [InlineData("Gather", "f[9,c,4] i[2]", "axis=-2", "f[9,2,4]")]
    [InlineData("Gather", "f[9] i[0]", "", "f[0]")]
    [InlineData("Gather", "f[9,c] i[...]", "", "f[...]")]
    [InlineData("GatherElements", "f[9,c] i[4,2]", "axis=0", "f[4,2]")]
    [InlineData("GatherND", "f[4,5,c] i[n,2]", "", "f[n,c]")]
    [InlineData("GatherND", "f[n,5,c] i[n,1]", "batch_dims=1", "f[n,c]")]
    [InlineData("GatherND", "f[4,5] i[3,2]", "", "f[3]")]
    [InlineData("GatherND", "f[4,5] i[3,?]", "", "f[...]")]
    [InlineData("ScatterElements", "f[9,c] i[2,2] f[2,2]", "", "f[9,c]")]
    [InlineData("ScatterND", "f[9,c] i[2,1] f[2,c]", "", "f[9,c]")]
    [InlineData("Compress", "f[9,c] b{1,0,1}", "axis=0", "f[2,c]")]
    [InlineData("Compress", "f[9,c] b[3]", "axis=1", "f[9,?]")]
    [InlineData("Compress", "f[9,c] b[3]", "", "f[?]")]
    [InlineData("NonZero", "f[9,c]", "", "i[2,?]")]
    [InlineData("NonZero", "f[]", "", "i[1,?]")]
    [InlineData("NonZero", "i{1,0,2}", "", "i[1,2]")]
    [InlineData("Unique", "f[9]", "", "f[?] i[?] i[9] i[?]")]
    [InlineData("Unique", "f[9,c]", "axis=1", "f[9,?] i[?] i[c] i[?]")]
    [InlineData("OneHot", "i[n,s] i=4 f{0,1}", "", "f[n,s,4]")]
    [InlineData("OneHot", "i[n,s] i{4} f{0,1}", "axis=0", "f[4,n,s]")]
    [InlineData("OneHot", "i[n,s] i=4 f{0,1}", "axis=-2", "f[n,4,s]")]
    [InlineData("OneHot", "i[n] i[1] f{0,1}", "", "f[n,?]")]
    [InlineData("NonMaxSuppression", "f[n,9,4] f[n,c,9]", "", "i[?,3]")]
    [InlineData("ReverseSequence", "f[s,n,3] i[n]", "", "f[s,n,3]")]
    public void Types(string op, string inputs, string attributes, string expected) => OperatorCase.Check(op, 13, inputs, attributes, expected);

    [Theory]
    [InlineData("Gather", "f[2,3] i[1]", "axis=2", "f[...]")]
    [InlineData("GatherND", "f[2,3] i[1,3]", "", "f[...]")]
    public void Indices_that_cannot_be(string op, string inputs, string attributes, string expected) => OperatorCase.CheckContradiction(op, 13, inputs, attributes, expected);

    [Fact]
    public void The_outputs_of_Unique_are_as_long_as_each_other()
    {
        (Node node, _) = OperatorCase.Infer("Unique", 13, "f[9]", "", 4);
        Assert.True(node.Outputs[0].Shape![0].IsSame(node.Outputs[3].Shape![0]));
        Assert.False(node.Outputs[0].Shape![0].IsSame(node.Outputs[2].Shape![0]));
    }
}
