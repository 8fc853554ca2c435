using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

public class RunTests
{
    [Fact]
    public void Adds_two_tensors()
    {
        byte[] model = new OnnxModel()
            .Input("a", TensorElementType.Float32, 2, 2)
            .Input("b", TensorElementType.Float32, 2, 2)
            .Output("sum", TensorElementType.Float32, 2, 2)
            .Node("Add", ["a", "b"], ["sum"])
            .Build();
        using var session = InferenceSession.Open(model);

        var sum = Assert.Single(session.Run([
            ("a", TensorBuffer.Create([2, 2], [1f, 2, 3, 4])),
            ("b", TensorBuffer.Create([2, 2], [10f, 20, 30, 40]))]));

        Assert.Equal([11f, 22, 33, 44], sum.AsSpan<float>());
        Assert.Equal([2, 2], sum.Shape);
    }
}
