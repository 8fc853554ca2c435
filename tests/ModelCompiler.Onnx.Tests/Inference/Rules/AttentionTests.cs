namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class AttentionTests
{
    [Theory]
    [InlineData("com.microsoft.Attention", "f[b,s,8] f[8,24] f[24]", "num_heads=2", "f[b,s,8]")]
    [InlineData("com.microsoft.Attention", "f[b,s,8] f[8,24] f[24]", "num_heads=2 qkv_hidden_sizes=[8,8,8]", "f[b,s,8]")]
    [InlineData("com.microsoft.MultiHeadAttention", "f[b,s,8] f[b,t,8] f[b,t,8]", "num_heads=2", "f[b,s,8]")]
    [InlineData("com.microsoft.MultiHeadAttention", "f[b,s,8] f[b,t,8] f[b,t,8] _ _ _ f[b,2,3,4] f[b,2,3,4]", "num_heads=2", "f[b,s,8] f[b,2,t + 3,4] f[b,2,t + 3,4]")]
    [InlineData("com.microsoft.MultiHeadAttention", "f[b,s,8] f[b,2,t,4] f[b,2,t,4]", "num_heads=2", "f[b,s,8]")]
    [InlineData("com.microsoft.EmbedLayerNormalization", "i32[b,s] _ f[9,8] f[9,8] _ f[8] f[8]", "", "f[b,s,8] i32[b]")]
    [InlineData("com.microsoft.RotaryEmbedding", "f[b,s,8] i[1] f[9,2] f[9,2]", "num_heads=2", "f[b,s,8]")]
    public void Contributed(string op, string inputs, string attributes, string expected) => OperatorCase.Check(op, 1, inputs, attributes, expected);

    [Theory]
    [InlineData("com.microsoft.Attention", "f[b,s,8] f[8,24] f[24] _ f[2,b,2,past,4]", "num_heads=2", "f[b,s,8] f[2,b,2,past + s,4]")]
    [InlineData("com.microsoft.QAttention", "u8[b,s,8] u8[8,24] f[24] f=1 f=1", "num_heads=2", "f[b,s,8]")]
    [InlineData("com.microsoft.MultiHeadAttention", "h[b,s,2,3,4]", "num_heads=2", "h[b,s,8]")]
    [InlineData("com.microsoft.GroupQueryAttention", "f[b,1,8] f[b,1,4] f[b,1,4] f[b,1,past,4] f[b,1,past,4] i32[b] i32=9", "num_heads=2 kv_num_heads=1", "f[b,1,8] f[b,1,max(past, 9),4] f[b,1,max(past, 9),4]")]
    [InlineData("com.microsoft.GroupQueryAttention", "f[b,1,16] _ _ f[b,1,past,4] f[b,1,past,4] i32[b] i32=9", "num_heads=2 kv_num_heads=1", "f[b,1,8] f[b,1,max(past, 9),4] f[b,1,max(past, 9),4]")]
    [InlineData("com.microsoft.PackedAttention", "h[t,8] h[8,24] h[24] i32[b,s] i32[b]", "num_heads=2", "h[t,8]")]
    [InlineData("com.microsoft.RelativePositionBias", "f[32,4] i=7 i=9", "", "f[1,4,7,9]")]
    public void What_the_CPU_provider_runs_only_under_more_conditions(string op, string inputs, string attributes, string expected) =>
        OperatorCase.CheckInferred(op, 1, inputs, attributes, expected);

    [Theory]
    [InlineData("f[b,2,s,4] f[b,2,t,4] f[b,2,t,6]", "", "f[b,2,s,6]")]
    [InlineData("f[b,s,8] f[b,t,4] f[b,t,4]", "q_num_heads=2 kv_num_heads=1", "f[b,s,8]")]
    [InlineData("f[b,2,s,4] f[b,2,t,4] f[b,2,t,4] _ f[b,2,past,4] f[b,2,past,4]", "", "f[b,2,s,4] f[b,2,past + t,4] f[b,2,past + t,4]")]
    public void Standard(string inputs, string attributes, string expected) => OperatorCase.CheckInferred("Attention", 23, inputs, attributes, expected);
}
