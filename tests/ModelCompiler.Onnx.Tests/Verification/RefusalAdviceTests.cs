namespace ModelCompiler.Onnx.Tests.Verification;

public class RefusalAdviceTests
{
    [Theory]
    [InlineData("string_normalizer.cc:235 Failed to construct locale with name:en_US.UTF-8", "lacks a locale")]
    [InlineData("Something else", "Check the export")]
    public void Follows_what_ONNX_Runtime_says(string reason, string advice) =>
        Assert.Contains(advice, RefusalAdvice.For(new Model(new Graph("g")), reason), StringComparison.Ordinal);
}
