using Xunit;

namespace ModelCompiler.Runtime.Tests.Errors;

public class OnnxRuntimeExceptionTests
{
    [Theory]
    [InlineData("Non-zero status code returned", "Non-zero status code returned")]
    [InlineData("/onnxruntime_src/onnxruntime/core/graph/model.cc:181 onnxruntime::Model::Model(onnx::ModelProto&&, const PathString&, const IOnnxRuntimeOpSchemaRegistryList*, const logging::Logger&, const ModelOptions&) Unsupported model IR version: 99", "Unsupported model IR version: 99")]
    [InlineData("/src/core/framework/tensor.cc:57 static size_t onnxruntime::Tensor::Size(const std::vector<int>&) const Bad size", "Bad size")]
    [InlineData("D:\\a\\_work\\core\\x.cc:12 Load failed (3)", "Load failed (3)")]
    [InlineData("first\nsecond", "first second")]
    [InlineData("a message\0and rubbish", "a message")]
    [InlineData("", "an error without a message")]
    public void Messages_lose_the_place_in_the_source(string message, string cleaned) =>
        Assert.Equal(cleaned, OnnxRuntimeException.Clean(message));

    [Fact]
    public void A_message_of_the_library_is_cleaned()
    {
        // IR version 99.
        var error = Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Open(new byte[] { 8, 99, 58, 0, 66, 2, 16, 17 }));

        Assert.DoesNotContain(".cc:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("onnxruntime::", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("OM5020: ModelCompiler.Runtime.OnnxRuntimeException: ", error.ToString(), StringComparison.Ordinal);
    }
}
