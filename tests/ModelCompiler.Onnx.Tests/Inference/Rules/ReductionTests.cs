namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class ReductionTests
{
    [Theory]
    [InlineData("ReduceMean", 13, "f[n,3,4]", "axes=[1]", "f[n,1,4]")]
    [InlineData("ReduceMean", 13, "f[n,3,4]", "axes=[-1] keepdims=0", "f[n,3]")]
    [InlineData("ReduceMean", 13, "f[n,3,4]", "", "f[1,1,1]")]
    [InlineData("ReduceMean", 13, "f[n,3,4]", "keepdims=0", "f[]")]
    [InlineData("ReduceMean", 18, "f[n,3,4] i{0,2}", "keepdims=0", "f[3]")]
    [InlineData("ReduceMean", 18, "f[n,3,4]", "noop_with_empty_axes=1", "f[n,3,4]")]
    [InlineData("ReduceSum", 11, "f[n,3,4]", "axes=[1]", "f[n,1,4]")]
    [InlineData("ReduceSum", 13, "f[n,3,4] i{1}", "", "f[n,1,4]")]
    [InlineData("ReduceSum", 13, "f[]", "", "f[]")]
    [InlineData("ReduceSum", 13, "f[n,3] i[1]", "", "f[?,?]")]
    [InlineData("ReduceSum", 13, "f[n,3] i[1]", "keepdims=0", "f[?]")]
    [InlineData("ReduceSum", 13, "f[n,3] i[?]", "keepdims=0", "f[...]")]
    [InlineData("ReduceMax", 18, "f[n,3] i{-1}", "", "f[n,1]")]
    [InlineData("ReduceL2", 18, "f[n,3] i{0}", "keepdims=0", "f[3]")]
    [InlineData("ReduceLogSumExp", 18, "f[n,3] i{0}", "keepdims=0", "f[3]")]
    [InlineData("ReduceProd", 18, "f[n,3] i{0,1}", "keepdims=0", "f[]")]
    [InlineData("ArgMax", 13, "f[n,3]", "axis=1", "i[n,1]")]
    [InlineData("ArgMin", 13, "f[n,3]", "axis=-2 keepdims=0", "i[3]")]
    [InlineData("TopK", 11, "f[n,9] i{3}", "", "f[n,3] i[n,3]")]
    [InlineData("TopK", 11, "f[9,n] i{3}", "axis=0", "f[3,n] i[3,n]")]
    [InlineData("TopK", 11, "f[n,9] i[1]", "", "f[n,?] i[n,?]")]
    public void Reduce(string op, long opset, string inputs, string attributes, string expected) => OperatorCase.Check(op, opset, inputs, attributes, expected);

    [Fact]
    public void Before_opset_10_k_is_an_attribute() => OperatorCase.Check("TopK", 9, "f[n,9]", "k=3", "f[n,3] i[n,3]");

    [Fact]
    public void An_axis_that_is_not_there() => OperatorCase.CheckContradiction("ReduceMean", 13, "f[2,3]", "axes=[2]", "f[...]");
}
