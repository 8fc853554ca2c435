namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class ContribFloatTests
{
    [Theory]
    [InlineData("Gelu", "f[n,8]", "", "f[n,8]")]
    [InlineData("FastGelu", "f[n,8] f[8]", "", "f[n,8]")]
    [InlineData("BiasGelu", "f[n,8] f[8]", "", "f[n,8]")]
    [InlineData("QuickGelu", "f[n,8]", "", "f[n,8]")]
    [InlineData("GatherND", "f[4,5,6] i[2,2]", "", "f[2,6]")]
    [InlineData("ExpandDims", "f[n,8] i32=-1", "", "f[n,8,1]")]
    [InlineData("ExpandDims", "f[n,8] i32=0", "", "f[1,n,8]")]
    [InlineData("CDist", "f[n,8] f[m,8]", "", "f[n,m]")]
    [InlineData("Inverse", "f[n,3,3]", "", "f[n,3,3]")]
    [InlineData("Unique", "f[n]", "", "f[?] i[n] i[?]")]
    [InlineData("Pad", "f[n,8] i{0,1,0,2}", "", "f[n,11]")]
    [InlineData("Range", "i=0 i=9 i=2", "", "i[5]")]
    [InlineData("MurmurHash3", "i32[n]", "positive=0", "i32[n]")]
    [InlineData("MurmurHash3", "i32[n]", "", "u32[n]")]
    [InlineData("NGramRepeatBlock", "i[n,s] f[n,9]", "ngram_size=3", "f[n,9]")]
    public void Types(string op, string inputs, string attributes, string expected) => OperatorCase.Check("com.microsoft." + op, 1, inputs, attributes, expected);

    [Theory]
    [InlineData("BiasDropout", "f[n,8] f[8]", "", "f[n,8] b[n,8]")]
    [InlineData("BiasSplitGelu", "h[n,s,8] h[8]", "", "h[n,s,4]")]
    [InlineData("BiasAdd", "h[n,s,8] h[8] h[n,s,8]", "", "h[n,s,8]")]
    [InlineData("NhwcMaxPool", "u8[n,8,8,c]", "kernel_shape=[2,2] strides=[2,2]", "u8[n,4,4,c]")]
    [InlineData("Rfft", "f[n,8]", "signal_ndim=1", "f[n,5,2]")]
    [InlineData("Irfft", "f[n,5,2]", "signal_ndim=1", "f[n,8]")]
    [InlineData("TorchEmbedding", "f[9,8] i[n,s]", "", "f[n,s,8]")]
    [InlineData("ConvTransposeWithDynamicPads", "f[n,3,4,4] f[3,2,3,3] i{1,1,1,1}", "", "f[n,2,4,4]")]
    [InlineData("ConvTransposeWithDynamicPads", "f[n,3,4,4] f[3,2,3,3] i[4]", "", "f[n,2,?,?]")]
    public void Types_that_the_CPU_provider_may_lack(string op, string inputs, string attributes, string expected) =>
        OperatorCase.CheckInferred("com.microsoft." + op, 1, inputs, attributes, expected);
}
