namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class SlicingTests
{
    [Theory]
    [InlineData("f[9] i{2} i{5}", "f[3]")]
    [InlineData("f[9] i{-3} i{9223372036854775807}", "f[3]")]
    [InlineData("f[9] i{2} i{-2}", "f[5]")]
    [InlineData("f[9] i{5} i{2}", "f[0]")]
    [InlineData("f[9] i{-100} i{100}", "f[9]")]
    [InlineData("f[9] i{0} i{9} i{0} i{2}", "f[5]")]
    [InlineData("f[9] i{8} i{0} i{0} i{-3}", "f[3]")]
    [InlineData("f[9] i{-1} i{-9223372036854775807} i{0} i{-1}", "f[9]")]
    [InlineData("f[9] i{7} i{-20} i{-1} i{-2}", "f[4]")]
    [InlineData("f[0] i{0} i{1}", "f[0]")]
    [InlineData("f[n,s] i{1} i{2147483647} i{1}", "f[n,max(s - 1, 0)]")]
    [InlineData("f[n,s] i{0} i{-1} i{1}", "f[n,max(s - 1, 0)]")]
    [InlineData("f[n,s] i{-1} i{2147483647} i{1}", "f[n,min(s, 1)]")]
    [InlineData("f[n,s] i{0} i{9223372036854775807} i{-1} i{2}", "f[n,floor((s + 1)/2)]")]
    [InlineData("f[n,s] i{-1} i{-9223372036854775807} i{1} i{-1}", "f[n,s]")]
    [InlineData("f[n,s] i{0} i<3> i{1}", "f[n,min(s, 3)]")]
    [InlineData("f[9,9] i{1,2} i{3,4}", "f[2,2]")]
    [InlineData("f[n,9] i[1] i[1] i{1}", "f[n,?]")]
    [InlineData("f[n,9] i[1] i[1] i[1]", "f[?,?]")]
    [InlineData("f[n,9] i[?] i[?]", "f[?,?]")]
    [InlineData("f[...] i{0} i{1}", "f[...]")]
    public void Slice(string inputs, string expected) => OperatorCase.Check("Slice", 13, inputs, "", expected);

    [Fact]
    public void Bounds_were_attributes_once() => OperatorCase.Check("Slice", 9, "f[n,9,s]", "starts=[1,0] ends=[5,2] axes=[1,0]", "f[min(n, 2),4,s]");

    [Fact]
    public void An_axis_that_is_not_there() => OperatorCase.CheckContradiction("Slice", 13, "f[2,3] i{0} i{1} i{2}", "", "f[2,3]");
}
