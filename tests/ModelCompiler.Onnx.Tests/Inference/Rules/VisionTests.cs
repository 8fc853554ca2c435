namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class VisionTests
{
    [Theory]
    [InlineData("AffineGrid", 20, "f[n,2,3] i{2,3,5,6}", "", "f[2,5,6,2]")]
    [InlineData("AffineGrid", 20, "f[n,3,4] i{2,3,4,5,6}", "", "f[2,4,5,6,3]")]
    [InlineData("GridSample", 16, "f[n,c,h,w] f[n,5,6,2]", "", "f[n,c,5,6]")]
    [InlineData("CenterCropPad", 18, "f[h,w,3] i{4,20}", "axes=[0,1]", "f[4,20,3]")]
    [InlineData("CenterCropPad", 18, "f[h,w] i[2]", "", "f[?,?]")]
    [InlineData("Col2Im", 18, "f[n,12,4] i{4,4} i{2,2}", "strides=[2,2]", "f[n,3,4,4]")]
    [InlineData("com.microsoft.GridSample", 1, "f[n,c,h,w] f[n,5,6,2]", "", "f[n,c,5,6]")]
    [InlineData("com.microsoft.CropAndResize", 1, "f[n,c,h,w] f[k,4] i32[k] i32{5,6}", "", "f[k,c,5,6]")]
    public void Types(string op, long opset, string inputs, string attributes, string expected) => OperatorCase.Check(op, opset, inputs, attributes, expected);

    [Theory]
    [InlineData("", "u8[?,?,3]")]
    [InlineData("pixel_format='Grayscale'", "u8[?,?,1]")]
    public void The_size_of_an_encoded_image_is_data(string attributes, string expected) => OperatorCase.CheckInferred("ImageDecoder", 20, "u8[99]", attributes, expected);
}
