namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class NormalizationTests
{
    [Theory]
    [InlineData("BatchNormalization", 15, "f[n,c,h] f[c] f[c] f[c] f[c]", "", "f[n,c,h]")]
    [InlineData("BatchNormalization", 15, "f[n,c,h] f[c] f[c] f[c] f[c]", "training_mode=1", "f[n,c,h] f[c] f[c]")]
    [InlineData("LayerNormalization", 17, "f[n,s,8] f[8]", "", "f[n,s,8] f[n,s,1] f[n,s,1]")]
    [InlineData("LayerNormalization", 17, "f[n,s,8] f[s,8]", "axis=1", "f[n,s,8] f[n,1,1]")]
    [InlineData("InstanceNormalization", 6, "f[n,c,h] f[c] f[c]", "", "f[n,c,h]")]
    [InlineData("GroupNormalization", 21, "f[n,6,h] f[6] f[6]", "num_groups=2", "f[n,6,h]")]
    [InlineData("LpNormalization", 1, "f[n,c]", "", "f[n,c]")]
    [InlineData("MeanVarianceNormalization", 13, "f[n,c,h,w]", "", "f[n,c,h,w]")]
    [InlineData("SimplifiedLayerNormalization", 17, "f[n,s,8] f[8]", "", "f[n,s,8] f[n,s,1]")]
    [InlineData("com.microsoft.SkipLayerNormalization", 1, "f[n,s,8] f[n,s,8] f[8] f[8]", "", "f[n,s,8]")]
    [InlineData("com.microsoft.SkipSimplifiedLayerNormalization", 1, "f[n,s,8] f[n,s,8] f[8]", "", "f[n,s,8]")]
    public void Types(string op, long opset, string inputs, string attributes, string expected) => OperatorCase.Check(op, opset, inputs, attributes, expected);

    [Theory]
    [InlineData("BatchNormalization", 7, "f[n,c,h] f[c] f[c] f[c] f[c]", "", "f[n,c,h] f[c] f[c] f[c] f[c]")]
    [InlineData("LayerNormalization", 17, "h[n,s,8] h[8]", "", "h[n,s,8] f[n,s,1] f[n,s,1]")]
    [InlineData("com.microsoft.SkipLayerNormalization", 1, "f[n,s,8] f[n,s,8] f[8] f[8]", "", "f[n,s,8] f[n,s,1] f[n,s,1] f[n,s,8]")]
    [InlineData("com.microsoft.GroupNorm", 1, "h[n,h,w,c] f[c] f[c]", "groups=2", "h[n,h,w,c]")]
    [InlineData("com.microsoft.SkipGroupNorm", 1, "h[n,h,w,c] f[c] f[c] h[n,h,w,c]", "groups=2", "h[n,h,w,c] h[n,h,w,c]")]
    public void Types_that_the_CPU_provider_lacks(string op, long opset, string inputs, string attributes, string expected) =>
        OperatorCase.CheckInferred(op, opset, inputs, attributes, expected);
}
