namespace ModelCompiler.Onnx.Tests.Inference.Rules;

public class LinearAlgebraTests
{
    [Theory]
    [InlineData("f[n,3] f[3,m]", "f[n,m]")]
    [InlineData("f[b,1,s,3] f[4,3,m]", "f[b,4,s,m]")]
    [InlineData("f[3] f[3,m]", "f[m]")]
    [InlineData("f[n,3] f[3]", "f[n]")]
    [InlineData("f[3] f[3]", "f[]")]
    [InlineData("f[b,3] f[b,3,m]", "f[b,b,m]")]
    [InlineData("f[n,0] f[0,m]", "f[n,m]")]
    [InlineData("f[n,3] f[...]", "f[...]")]
    public void MatMul(string inputs, string expected) => OperatorCase.Check("MatMul", 13, inputs, "", expected);

    [Fact]
    public void Inner_sizes_that_differ() => OperatorCase.CheckContradiction("MatMul", 13, "f[2,3] f[4,5]", "", "f[2,5]");

    [Theory]
    [InlineData("Gemm", 13, "f[n,3] f[3,m] f[m]", "", "f[n,m]")]
    [InlineData("Gemm", 13, "f[3,n] f[m,3]", "transA=1 transB=1", "f[n,m]")]
    [InlineData("Gemm", 13, "f[...] f[3,m]", "", "f[?,m]")]
    [InlineData("MatMulInteger", 10, "u8[n,3] u8[3,m]", "", "i32[n,m]")]
    [InlineData("QLinearMatMul", 10, "u8[n,3] f=1 u8=0 u8[3,m] f=1 u8=0 f=1 u8=0", "", "u8[n,m]")]
    [InlineData("Det", 11, "f[n,3,3]", "", "f[n]")]
    [InlineData("com.microsoft.FusedMatMul", 1, "f[b,3,n] f[b,m,3]", "transA=1 transB=1", "f[b,n,m]")]
    [InlineData("com.microsoft.FusedMatMul", 1, "f[n,b,3] f[b,3,m]", "transBatchA=1", "f[b,n,m]")]
    [InlineData("com.microsoft.FusedGemm", 1, "f[n,3] f[3,m]", "activation='Relu'", "f[n,m]")]
    public void Products(string op, long opset, string inputs, string attributes, string expected) => OperatorCase.Check(op, opset, inputs, attributes, expected);

    [Theory]
    [InlineData("ij,jk->ik", "f[n,3] f[3,m]", "f[n,m]")]
    [InlineData("bij,bjk->bik", "f[b,n,3] f[b,3,m]", "f[b,n,m]")]
    [InlineData("ii->i", "f[3,3]", "f[3]")]
    [InlineData("ij->", "f[n,3]", "f[]")]
    [InlineData("ij->ji", "f[n,3]", "f[3,n]")]
    [InlineData("ij,jk", "f[n,3] f[3,m]", "f[n,m]")]
    [InlineData("ba", "f[n,3]", "f[3,n]")]
    [InlineData("...ij,...jk->...ik", "f[b,2,n,3] f[b,2,3,m]", "f[b,2,n,m]")]
    [InlineData("i,j->ij", "f[n] f[m]", "f[n,m]")]
    public void Einsum(string equation, string inputs, string expected) => OperatorCase.Check("Einsum", 12, inputs, $"equation='{equation}'", expected);

    [Theory]
    [InlineData("ij,jk->ik", "f[n,3]")]
    [InlineData("ij->ik", "f[n,3]")]
    [InlineData("ijk->i", "f[n,3]")]
    [InlineData("", "f[n,3]")]
    [InlineData("i.j->i", "f[n,3]")]
    public void An_equation_that_does_not_fit(string equation, string inputs) => OperatorCase.CheckInferred("Einsum", 12, inputs, $"equation='{equation}'", "f[...]");
}
