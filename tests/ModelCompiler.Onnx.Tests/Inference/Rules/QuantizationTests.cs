namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class QuantizationTests
{
    [Theory]
    [InlineData("QuantizeLinear", 13, "f[n,3] f=1 u8=0", "", "u8[n,3]")]
    [InlineData("QuantizeLinear", 13, "f[n,3] f=1", "", "u8[n,3]")]
    [InlineData("QuantizeLinear", 13, "f[n,3] f[3] i8[3]", "axis=1", "i8[n,3]")]
    [InlineData("QuantizeLinear", 21, "f[n,3] f=1", "output_dtype=3", "i8[n,3]")]
    [InlineData("DequantizeLinear", 13, "u8[n,3] f=1 u8=0", "", "f[n,3]")]
    [InlineData("DequantizeLinear", 13, "i32[n,3] f=1", "", "f[n,3]")]
    [InlineData("DynamicQuantizeLinear", 11, "f[n,3]", "", "u8[n,3] f[] u8[]")]
    [InlineData("com.microsoft.QuantizeLinear", 1, "f[n,3] f=1 u8=0", "", "u8[n,3]")]
    [InlineData("com.microsoft.DequantizeLinear", 1, "u8[n,3] f=1 u8=0", "", "f[n,3]")]
    [InlineData("com.microsoft.QLinearAdd", 1, "u8[n,3] f=1 u8=0 u8[3] f=1 u8=0 f=1 u8=0", "", "u8[n,3]")]
    [InlineData("com.microsoft.QLinearMul", 1, "u8[n,1] f=1 u8=0 u8[3] f=1 u8=0 f=1 u8=0", "", "u8[n,3]")]
    [InlineData("com.microsoft.QLinearLeakyRelu", 1, "u8[n,3] f=1 u8=0 f=1 u8=0", "", "u8[n,3]")]
    [InlineData("com.microsoft.QLinearSigmoid", 1, "u8[n,3] f=1 u8=0 f=1 u8=0", "", "u8[n,3]")]
    [InlineData("com.microsoft.QLinearSoftmax", 1, "u8[n,3] f=1 u8=0 f=1 u8=0", "opset=13", "u8[n,3]")]
    [InlineData("com.microsoft.QLinearConcat", 1, "f=1 u8=0 u8[n,3] f=1 u8=0 u8[n,4] f=1 u8=0", "axis=1", "u8[n,7]")]
    [InlineData("com.microsoft.QLinearGlobalAveragePool", 1, "u8[n,3,h,w] f=1 u8=0 f=1 u8=0", "", "u8[n,3,1,1]")]
    [InlineData("com.microsoft.QLinearGlobalAveragePool", 1, "u8[n,h,w,3] f=1 u8=0 f=1 u8=0", "channels_last=1", "u8[n,1,1,3]")]
    [InlineData("com.microsoft.QLinearConv", 1, "u8[n,8,8,3] f=1 u8=0 u8[4,3,3,3] f=1 u8=0 f=1 u8=0", "channels_last=1", "u8[n,6,6,4]")]
    [InlineData("com.microsoft.QLinearWhere", 1, "b[n,1] u8[3] f=1 u8=0 u8[1] f=1 u8=0 f=1 u8=0", "", "u8[n,3]")]
    [InlineData("com.microsoft.QGemm", 1, "u8[n,3] f=1 u8=0 u8[3,m] f=1 u8=0 _ f=1 u8=0", "", "u8[n,m]")]
    [InlineData("com.microsoft.QGemm", 1, "u8[n,3] f=1 u8=0 u8[m,3] f=1 u8=0", "transB=1", "f[n,m]")]
    [InlineData("com.microsoft.MatMulIntegerToFloat", 1, "u8[n,3] u8[3,m] f=1 f=1", "", "f[n,m]")]
    [InlineData("com.microsoft.DynamicQuantizeMatMul", 1, "f[n,3] u8[3,m] f=1", "", "f[n,m]")]
    [InlineData("com.microsoft.MatMulNBits", 1, "f[b,s,64] u8[8,4,8] f[32]", "K=64 N=8 bits=4 block_size=16", "f[b,s,8]")]
    [InlineData("com.microsoft.DynamicQuantizeLSTM", 1, "f[s,b,4] u8[1,4,12] u8[1,3,12] _ _ _ _ _ f{1} u8{0} f{1} u8{0}", "hidden_size=3", "f[s,1,b,3] f[1,b,3] f[1,b,3]")]
    public void Types(string op, long opset, string inputs, string attributes, string expected) => OperatorCase.Check(op, opset, inputs, attributes, expected);

    [Theory]
    [InlineData("com.microsoft.GatherBlockQuantized", 1, "u4[9,64] i[n,s] f[9,2]", "block_size=32", "f[n,s,64]")]
    [InlineData("com.microsoft.GatherBlockQuantized", 1, "u8[9,32] i[n,s] f[9,2]", "block_size=32 bits=4", "f[n,s,64]")]
    [InlineData("com.microsoft.QLinearReduceMean", 1, "u8[n,3,h] f=1 u8=0 f=1 u8=0", "axes=[1] keepdims=0", "u8[n,h]")]
    [InlineData("com.microsoft.MatMulBnb4", 1, "f[n,64] u8[256] f[8]", "K=64 N=8", "f[n,8]")]
    [InlineData("com.microsoft.QEmbedLayerNormalization", 1, "i32[n,s] _ u8[9,8] u8[9,8] _ u8[8] u8[8] _ f=1", "", "f[n,s,8]")]
    public void Types_that_the_CPU_provider_may_lack(string op, long opset, string inputs, string attributes, string expected) =>
        OperatorCase.CheckInferred(op, opset, inputs, attributes, expected);
}
