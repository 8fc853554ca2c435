using System.Reflection;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Generated code called as a user calls it, on ONNX Runtime: models that give back what they get.</summary>
public sealed class GeneratedCodeRunTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void A_batch_and_a_single_sample()
    {
        ManifestValue[] inputs = [Tensor("x", "N", 2)];

        Assert.Equal("1,2,3,4 [2,2]", Call(inputs, "Show(p.Predict(new float[] { 1, 2, 3, 4 }, 2).XOut)"));
        Assert.Equal("1,2 [1,2]", Call(inputs, "Show(p.Predict(new float[] { 1, 2 }).XOut)"));
    }

    [Fact]
    public void Scalars() => Assert.Equal(
        "7 text True",
        Call(
            [Tensor("n", ManifestElementType.Int64), Tensor("s", ManifestElementType.String), Tensor("b", ManifestElementType.Bool)],
            "p.Predict(7, \"text\", true) is var r ? r.NOut + \" \" + r.SOut + \" \" + r.BOut : \"\""));

    [Theory]
    [InlineData(nameof(ManifestElementType.Float16), "(Half)0.5, (Half)2")]
    [InlineData(nameof(ManifestElementType.BFloat16), "BFloat16.FromSingle(0.5f), BFloat16.FromSingle(2)")]
    [InlineData(nameof(ManifestElementType.Float64), "0.5, 2.0")]
    [InlineData(nameof(ManifestElementType.UInt8), "(byte)0.5, (byte)2")]
    [InlineData(nameof(ManifestElementType.UInt64), "ulong.MaxValue, 2ul")]
    [InlineData(nameof(ManifestElementType.String), "\"a\", \"\\u00e9\"")]
    public void Element_types(string type, string elements) => Assert.Equal(
        "True [2]",
        Call([Tensor("x", Enum.Parse<ManifestElementType>(type), 2)], $"Same(p.Predict(new[] {{ {elements} }}).XOut, {elements})"));

    [Fact]
    public void Sizes_that_inputs_share() => Assert.Equal(
        "1,2,3,4,5,6 [1,3,2] 7,8 [2,1]",
        Call(
            [Tensor("a", 1, "H", "W"), Tensor("b", "W", 1)],
            "Show(p.Predict(new float[] { 1, 2, 3, 4, 5, 6 }, new float[] { 7, 8 }, h: 3, w: 2).AOut) + \" \" + Show(p.Predict(new float[6], new float[] { 7, 8 }, 3, 2).BOut)"));

    [Fact]
    public void Shapes_of_unknown_rank() => Assert.Equal(
        "1,2,3 [1,3,1]",
        Call([Tensor("x", 1) with { Shape = null }], "Show(p.Predict(new float[] { 1, 2, 3 }, new long[] { 1, 3, 1 }).XOut)"));

    [Theory]
    [InlineData("p.Predict(new float[] { 1, 2, 3 })")]
    [InlineData("p.Predict(new float[] { 1, 2, 3 }, 2)")]
    [InlineData("p.Predict(default(ReadOnlySpan<float>))")]
    [InlineData("p.Predict(new float[2], -1)")]
    public void Bad_calls_name_the_tensor(string call)
    {
        var e = Assert.Throws<TargetInvocationException>(() => Call([Tensor("x", "N", 2)], $"Show({call}.XOut)")).InnerException;

        Assert.Contains("'x'", Assert.IsType<TensorMismatchException>(e).Message, StringComparison.Ordinal);
    }

    private string Call(ManifestValue[] inputs, string expression)
    {
        var outputs = inputs.Select(input => input with { Name = input.Name + "_out" }).ToArray();
        return GeneratedProgram.Run(_workspace, Of("echo", inputs, outputs), GeneratedProgram.Identities(inputs), expression);
    }
}
