using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

/// <summary>Every bad call names the tensor, what was expected and what came.</summary>
public sealed class BadArgumentTests : IDisposable
{
    private static readonly TensorBuffer Good = TensorBuffer.Create([2, 4], new float[8]);

    private readonly InferenceSession _session = InferenceSession.Open(TestModels.MatMul("batch"));

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_wrong_type() =>
        AssertMismatch("x", "float32[batch, 4]", "float64[2, 4]", ("x", TensorBuffer.Create([2, 4], new double[8])));

    [Fact]
    public void A_wrong_rank() =>
        AssertMismatch("x", "float32[batch, 4]", "float32[8]", ("x", TensorBuffer.Create([8], new float[8])));

    [Fact]
    public void A_wrong_dimension() =>
        AssertMismatch("x", "float32[batch, 4]", "float32[2, 5]", ("x", TensorBuffer.Create([2, 5], new float[10])));

    [Fact]
    public void A_sequence_for_a_tensor()
    {
        var error = Assert.Throws<TensorMismatchException>(() => _session.RunValues([("x", new ModelValue.Sequence([Good]))]));
        Assert.Equal("Input 'x': expected float32[batch, 4], got Sequence.", error.Message);
    }

    [Fact]
    public void Nothing() => AssertMismatch("x", "float32[batch, 4]", "nothing");

    [Fact]
    public void An_unknown_input() =>
        AssertMismatch("z", "one of 'x'", "a name that the model does not have", ("x", Good), ("z", Good));

    [Fact]
    public void An_input_given_twice() => AssertMismatch("x", "one value", "a second one", ("x", Good), ("x", Good));

    [Fact]
    public void An_unknown_output()
    {
        var error = Assert.Throws<TensorMismatchException>(() => _session.Run([("x", Good)], ["logits"]));
        Assert.Equal("Output 'logits': expected one of 'y', got a name that the model does not have.", error.Message);
        Assert.Equal("OM5030", error.Code);
    }

    [Fact]
    public void Null()
    {
        Assert.Throws<ArgumentNullException>(() => _session.Run(null!));
        Assert.Throws<ArgumentNullException>("x", () => _session.Run([("x", null!)]));
        Assert.Throws<ArgumentNullException>(() => _session.Run([(null!, Good)]));
        Assert.Throws<ArgumentNullException>("x", () => _session.RunValues([("x", null!)]));
    }

    private void AssertMismatch(string tensor, string expected, string actual, params (string, TensorBuffer)[] inputs)
    {
        var error = Assert.Throws<TensorMismatchException>(() => _session.Run(inputs));
        Assert.Equal((tensor, expected, actual), (error.Tensor, error.Expected, error.Actual));
        Assert.Equal($"Input '{tensor}': expected {expected}, got {actual}.", error.Message);
    }
}
