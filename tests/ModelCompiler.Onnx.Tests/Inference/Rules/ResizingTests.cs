namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class ResizingTests
{
    [Theory]
    [InlineData(2, "f[n,c,4]", "pads=[0,0,1,0,0,2]", "f[n,c,7]")]
    [InlineData(13, "f[n,c,4] i{0,0,1,0,0,2}", "", "f[n,c,7]")]
    [InlineData(13, "f[h,w] i{1,2,1,2}", "mode='edge'", "f[h + 2,w + 4]")]
    [InlineData(13, "f[9] i{-2,-3}", "", "f[4]")]
    [InlineData(18, "f[n,c,4] i{1,2} _ i{-1}", "", "f[n,c,7]")]
    [InlineData(13, "f[n,c] i[4]", "", "f[?,?]")]
    public void Pad(long opset, string inputs, string attributes, string expected) => OperatorCase.Check("Pad", opset, inputs, attributes, expected);

    [Theory]
    [InlineData(10, "f[n,3,h,w] f{1,1,2,3}", "", "f[n,3,2*h,3*w]")]
    [InlineData(13, "f[n,3,h,w] _ f{1,1,2,0.5}", "", "f[n,3,2*h,floor(w/2)]")]
    [InlineData(13, "f[1,1,5,5] _ f{1,1,1.5,0.3}", "", "f[1,1,7,1]")]
    [InlineData(13, "f[1,1,10,20] _ f{1,1,0.7,0.35}", "", "f[1,1,7,7]")]
    [InlineData(13, "f[1,1,10,1000] _ f{1,1,1.1,1.001}", "", "f[1,1,11,1001]")]
    [InlineData(13, "f[1,1,h,5] _ f{1,1,1.5,1}", "", "f[1,1,?,5]")]
    [InlineData(13, "f[n,3,4,5] _ _ i<n,3,h,w>", "", "f[n,3,h,w]")]
    [InlineData(18, "f[n,3,4,5] _ _ i{8,9}", "axes=[2,3]", "f[n,3,8,9]")]
    [InlineData(18, "f[n,3,4,6] _ _ i{8,9}", "axes=[2,3] keep_aspect_ratio_policy='not_larger'", "f[n,3,6,9]")]
    [InlineData(18, "f[n,3,4,6] _ _ i{8,9}", "axes=[2,3] keep_aspect_ratio_policy='not_smaller'", "f[n,3,8,12]")]
    [InlineData(18, "f[1,3,7,6] _ _ i{5,9}", "axes=[2,3] keep_aspect_ratio_policy='not_larger'", "f[1,3,5,4]")]
    [InlineData(18, "f[1,3,7,9] _ _ i{5,5}", "axes=[2,3] keep_aspect_ratio_policy='not_smaller'", "f[1,3,5,6]")]
    [InlineData(13, "f[n,3,4,5] _ f[4]", "", "f[?,?,?,?]")]
    [InlineData(13, "f[n,3,4,5] _ _ i[4]", "", "f[?,?,?,?]")]
    public void Resize(long opset, string inputs, string attributes, string expected) => OperatorCase.Check("Resize", opset, inputs, attributes, expected);

    [Theory]
    [InlineData(7, "f[1,1,h,w]", "scales=[1.0,1.0,2.0,2.0]", "f[1,1,2*h,2*w]")]
    [InlineData(9, "f[1,1,h,w] f{1,1,2,2}", "", "f[1,1,2*h,2*w]")]
    public void Upsample(long opset, string inputs, string attributes, string expected) => OperatorCase.Check("Upsample", opset, inputs, attributes, expected);
}
