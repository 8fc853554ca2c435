namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class SignalTests
{
    [Theory]
    [InlineData("DFT", 17, "f[n,s,1]", "axis=1", "f[n,s,2]")]
    [InlineData("DFT", 17, "f[n,8,1]", "axis=1 onesided=1", "f[n,5,2]")]
    [InlineData("DFT", 17, "f[n,8,1] i=16", "axis=1", "f[n,16,2]")]
    [InlineData("DFT", 20, "f[n,8,1]", "", "f[n,8,2]")]
    [InlineData("DFT", 20, "f[8,n,1] _ i=0", "onesided=1", "f[5,n,2]")]
    [InlineData("STFT", 17, "f[n,20,1] i=4 f[8]", "", "f[n,4,5,2]")]
    [InlineData("STFT", 17, "f[n,20,1] i=4 _ i=8", "onesided=0", "f[n,4,8,2]")]
    [InlineData("HannWindow", 17, "i=9", "", "f[9]")]
    [InlineData("HammingWindow", 17, "i=9", "output_datatype=11", "d[9]")]
    [InlineData("BlackmanWindow", 17, "i[]", "", "f[?]")]
    [InlineData("MelWeightMatrix", 17, "i=8 i=16 i=8192 f=0 f=4000", "", "f[9,8]")]
    public void Types(string op, long opset, string inputs, string attributes, string expected) => OperatorCase.Check(op, opset, inputs, attributes, expected);

    [Fact]
    public void An_axis_that_is_computed() => OperatorCase.CheckInferred("DFT", 20, "f[8,n,1] _ i[]", "", "f[?,?,2]");
}
