namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class RecurrentTests
{
    [Theory]
    [InlineData("LSTM", "f[s,b,4] f[1,12,4] f[1,12,3]", "hidden_size=3", "f[s,1,b,3] f[1,b,3] f[1,b,3]")]
    [InlineData("LSTM", "f[s,b,4] f[2,12,4] f[2,12,3]", "hidden_size=3 direction='bidirectional'", "f[s,2,b,3] f[2,b,3] f[2,b,3]")]
    [InlineData("LSTM", "f[0,b,4] f[1,12,4] f[1,12,3]", "hidden_size=3 direction='reverse'", "f[0,1,b,3]")]
    [InlineData("GRU", "f[s,b,4] f[1,9,4] f[1,9,3]", "hidden_size=3", "f[s,1,b,3] f[1,b,3]")]
    [InlineData("RNN", "f[s,b,4] f[1,3,4] f[1,3,3]", "hidden_size=3", "f[s,1,b,3] f[1,b,3]")]
    [InlineData("GRU", "f[...] f[1,9,4] f[1,9,3]", "", "f[?,1,?,3] f[1,?,3]")]
    public void Layers(string op, string inputs, string attributes, string expected)
    {
        if (expected.StartsWith("f[0", StringComparison.Ordinal)) OperatorCase.CheckInferred(op, 14, inputs, attributes, expected);
        else OperatorCase.Check(op, 14, inputs, attributes, expected);
    }

    [Theory]
    [InlineData("LSTM", "f[b,s,4] f[1,12,4] f[1,12,3]", "hidden_size=3 layout=1", "f[b,s,1,3] f[b,1,3] f[b,1,3]")]
    [InlineData("GRU", "f[b,s,4] f[1,9,4] f[1,9,3]", "hidden_size=3 layout=1", "f[b,s,1,3] f[b,1,3]")]
    public void The_batch_first_which_the_CPU_provider_does_not_do(string op, string inputs, string attributes, string expected) =>
        OperatorCase.CheckInferred(op, 14, inputs, attributes, expected);
}
