namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class PoolingTests
{
    [Theory]
    [InlineData("MaxPool", "f[n,c,h,8]", "kernel_shape=[2,2] strides=[2,2]", "f[n,c,floor(h/2),4]")]
    [InlineData("MaxPool", "f[1,1,7,7]", "kernel_shape=[2,2] strides=[2,2] ceil_mode=1", "f[1,1,4,4]")]
    [InlineData("MaxPool", "f[1,1,4,4]", "kernel_shape=[1,1] strides=[3,3] ceil_mode=1", "f[1,1,2,2]")]
    [InlineData("MaxPool", "f[1,1,3,3]", "kernel_shape=[2,2] strides=[2,2] pads=[1,1,1,1] ceil_mode=1", "f[1,1,2,2]")]
    [InlineData("MaxPool", "f[1,1,2,2]", "kernel_shape=[1,1] strides=[2,2] ceil_mode=1", "f[1,1,1,1]")]
    [InlineData("MaxPool", "f[1,1,9,9]", "kernel_shape=[3,3] dilations=[2,2]", "f[1,1,5,5]")]
    [InlineData("MaxPool", "f[1,1,9,9]", "kernel_shape=[3,3] dilations=[2,2] strides=[3,3] ceil_mode=1", "f[1,1,3,3]")]
    [InlineData("MaxPool", "f[1,1,9,9]", "kernel_shape=[3,3] strides=[2,2] auto_pad='SAME_LOWER'", "f[1,1,5,5]")]
    [InlineData("MaxPool", "f[1,1,9,9]", "kernel_shape=[3,3] strides=[2,2] auto_pad='VALID'", "f[1,1,4,4]")]
    [InlineData("MaxPool", "f[1,1,8]", "kernel_shape=[2]", "f[1,1,7] i[1,1,7]")]
    [InlineData("AveragePool", "f[n,c,h,8]", "kernel_shape=[3,3] pads=[1,1,1,1]", "f[n,c,h,8]")]
    [InlineData("AveragePool", "f[1,1,8,8]", "kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] ceil_mode=1", "f[1,1,5,5]")]
    [InlineData("LpPool", "f[1,1,8,8]", "kernel_shape=[3,3]", "f[1,1,6,6]")]
    [InlineData("GlobalAveragePool", "f[n,c,h,w]", "", "f[n,c,1,1]")]
    [InlineData("GlobalMaxPool", "f[n,c,5]", "", "f[n,c,1]")]
    [InlineData("GlobalLpPool", "f[n,c,5,5]", "", "f[n,c,1,1]")]
    [InlineData("MaxPool", "f[...]", "kernel_shape=[2,2]", "f[...]")]
    [InlineData("MaxPool", "f[n,c,?,4]", "kernel_shape=[2,2]", "f[n,c,?,3]")]
    public void Pool(string op, string inputs, string attributes, string expected) => OperatorCase.Check(op, 12, inputs, attributes, expected);

    [Theory]
    [InlineData("MaxRoiPool", 7, "f[n,c,h,w] f[b,5]", "pooled_shape=[2,3]", "f[b,c,2,3]")]
    [InlineData("RoiAlign", 16, "f[n,c,h,w] f[b,4] i[b]", "output_height=2 output_width=3", "f[b,c,2,3]")]
    public void Regions(string op, long opset, string inputs, string attributes, string expected) => OperatorCase.Check(op, opset, inputs, attributes, expected);

    [Theory]
    [InlineData("f[1,1,2,2] i[1,1,2,2]", "kernel_shape=[2,2] strides=[2,2]", "f[1,1,4,4]")]
    [InlineData("f[1,1,2,2] i[1,1,2,2] i{1,1,5,5}", "kernel_shape=[2,2] strides=[2,2]", "f[1,1,5,5]")]
    public void MaxUnpool(string inputs, string attributes, string expected) => OperatorCase.Check("MaxUnpool", 11, inputs, attributes, expected);

    [Fact]
    public void Channels_last() => OperatorCase.Check("com.microsoft.QLinearAveragePool", 1, "u8[n,8,8,3] f=1 u8=0 f=1 u8=0", "kernel_shape=[3,3] channels_last=1", "u8[n,6,6,3]");
}
