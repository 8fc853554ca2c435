namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class ReshapingTests
{
    [Theory]
    [InlineData("f[2,3,4] i{6,4}", "", "f[6,4]")]
    [InlineData("f[2,3,4] i{0,-1}", "", "f[2,12]")]
    [InlineData("f[2,3,4] i{-1}", "", "f[24]")]
    [InlineData("f[] i{1,1}", "", "f[1,1]")]
    [InlineData("f[1,1] i{}", "", "f[]")]
    [InlineData("f[0,3] i{3,0}", "allowzero=1", "f[3,0]")]
    [InlineData("f[2,0] i{0,-1}", "", "f[2,0]")]
    [InlineData("f[n,3,22,22] i{-1,1452}", "", "f[n,1452]")]
    [InlineData("f[n,s,768] i{0,0,12,64}", "", "f[n,s,12,64]")]
    [InlineData("f[n,s,768] i{0,-1,12,64}", "", "f[n,s,12,64]")]
    [InlineData("f[n,s,12,64] i{0,0,-1}", "", "f[n,s,768]")]
    [InlineData("f[?,3,32,32] i{-1,3072}", "", "f[?,3072]")]
    [InlineData("f[?,64,7,7] i{0,-1}", "", "f[?,3136]")]
    [InlineData("f[n,16,h,w] i{0,16,-1}", "", "f[n,16,h*w]")]
    [InlineData("f[n,s] i{-1}", "", "f[n*s]")]
    [InlineData("f[t] i{2,-1}", "", "f[2,floor(t/2)]")]
    [InlineData("f[...] i{2,-1}", "", "f[2,?]")]
    [InlineData("f[2,3] i[3]", "", "f[?,?,?]")]
    [InlineData("f[2,3] i[?]", "", "f[...]")]
    [InlineData("? i{2,3}", "", "[2,3]")]
    [InlineData("f[n,6] i<n,3,2>", "", "f[n,3,2]")]
    public void Reshape(string inputs, string attributes, string expected) => OperatorCase.Check("Reshape", 14, inputs, attributes, expected);

    [Theory]
    [InlineData("f[2,3] i{4,-1,0,0,0}", "f[4,?,?,?,?]")]
    [InlineData("f[2,3] i{4,4}", "f[4,4]")]
    public void A_reshape_that_cannot_be(string inputs, string expected)
    {
        (Node node, InferenceResult result) = OperatorCase.Infer("Reshape", 14, inputs);
        Assert.Equal(expected, OperatorCase.Text(node));
        Assert.NotEmpty(result.Issues);
    }

    [Theory]
    [InlineData("f[2,3,4]", "axis=1", "f[2,12]")]
    [InlineData("f[2,3,4]", "axis=0", "f[1,24]")]
    [InlineData("f[2,3,4]", "axis=3", "f[24,1]")]
    [InlineData("f[2,3,4]", "axis=-1", "f[6,4]")]
    [InlineData("f[]", "axis=0", "f[1,1]")]
    [InlineData("f[n,c,2]", "", "f[n,2*c]")]
    [InlineData("f[...]", "", "f[?,?]")]
    public void Flatten(string inputs, string attributes, string expected) => OperatorCase.Check("Flatten", 13, inputs, attributes, expected);

    [Theory]
    [InlineData(11, "f[1,3,1,n]", "axes=[0,2]", "f[3,n]")]
    [InlineData(13, "f[1,3,1,n] i{0,-2}", "", "f[3,n]")]
    [InlineData(13, "f[1,3,1]", "", "f[3]")]
    [InlineData(13, "f[1,n] ?", "", "f[...]")]
    [InlineData(13, "f[1,3] i[1]", "", "f[...]")]
    public void Squeeze(long opset, string inputs, string attributes, string expected) => OperatorCase.Check("Squeeze", opset, inputs, attributes, expected);

    [Theory]
    [InlineData(11, "f[3,n]", "axes=[0,3]", "f[1,3,n,1]")]
    [InlineData(13, "f[3,n] i{-1}", "", "f[3,n,1]")]
    [InlineData(13, "f[] i{0}", "", "f[1]")]
    [InlineData(13, "f[3] i[2]", "", "f[?,?,?]")]
    public void Unsqueeze(long opset, string inputs, string attributes, string expected) => OperatorCase.Check("Unsqueeze", opset, inputs, attributes, expected);

    [Theory]
    [InlineData("f[2,n,4]", "", "f[4,n,2]")]
    [InlineData("f[2,n,4]", "perm=[1,0,2]", "f[n,2,4]")]
    [InlineData("f[]", "", "f[]")]
    public void Transpose(string inputs, string attributes, string expected) => OperatorCase.Check("Transpose", 13, inputs, attributes, expected);

    [Theory]
    [InlineData("Transpose", "f[2,3]", "perm=[0,0]", "f[?,?]")]
    [InlineData("Flatten", "f[2,3]", "axis=4", "f[?,?]")]
    [InlineData("Unsqueeze", "f[2,3] i{0,0}", "", "f[...]")]
    [InlineData("Squeeze", "f[2,3] i{7}", "", "f[...]")]
    public void Axes_that_cannot_be(string op, string inputs, string attributes, string expected) => OperatorCase.CheckContradiction(op, 13, inputs, attributes, expected);

    [Theory]
    [InlineData("f[3,1] i{2,1,6}", "f[2,3,6]")]
    [InlineData("f[3,n] i{2,1,1}", "f[2,3,n]")]
    [InlineData("f[1,n] i<b,1>", "f[b,n]")]
    [InlineData("f[3] i[2]", "f[?,3]")]
    [InlineData("f[0] i{1}", "f[0]")]
    [InlineData("f[] i{}", "f[]")]
    public void Expand(string inputs, string expected) => OperatorCase.Check("Expand", 13, inputs, "", expected);

    [Theory]
    [InlineData("DepthToSpace", "f[n,c,h,w]", "blocksize=1", "f[n,c,h,w]")]
    [InlineData("DepthToSpace", "f[n,8,h,3]", "blocksize=2", "f[n,2,2*h,6]")]
    [InlineData("SpaceToDepth", "f[n,c,4,w]", "blocksize=2", "f[n,4*c,2,floor(w/2)]")]
    [InlineData("DepthToSpace", "f[...]", "blocksize=2", "f[?,?,?,?]")]
    public void Blocks(string op, string inputs, string attributes, string expected) => OperatorCase.Check(op, 13, inputs, attributes, expected);
}
