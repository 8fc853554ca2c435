using System.Reflection;
using System.Security.Cryptography;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Runtime.Tests.Models;
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
        "7 [] text [] True []",
        Call(
            [Tensor("n", ManifestElementType.Int64), Tensor("s", ManifestElementType.String), Tensor("b", ManifestElementType.Bool)],
            "Show(p.Predict(7, \"text\", true).NOut) + \" \" + Show(p.Predict(7, \"text\", true).SOut) + \" \" + Show(p.Predict(7, \"text\", true).BOut)"));

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
    [InlineData("p.Predict(default)")]
    [InlineData("p.Predict(new float[2], -1)")]
    public void Bad_calls_name_the_tensor(string call)
    {
        var e = Assert.Throws<TargetInvocationException>(() => Call([Tensor("x", "N", 2)], $"Show({call}.XOut)")).InnerException;

        Assert.Contains("'x'", Assert.IsType<TensorMismatchException>(e).Message, StringComparison.Ordinal);
    }

    /// <summary>Compiles a call of the predictor for a model of identities, one for each input, and makes it.</summary>
    private string Call(ManifestValue[] inputs, string expression)
    {
        var outputs = inputs.Select(input => input with { Name = input.Name + "_out" }).ToArray();
        byte[] model = Identities(inputs);
        string path = _workspace.PathOf("echo.onnx");
        File.WriteAllBytes(path, model);
        var manifest = Of("echo", inputs, outputs) with { Model = new ManifestFile("echo.onnx", model.Length, Convert.ToHexStringLower(SHA256.HashData(model))) };
        var run = new GeneratorRun([new GeneratorRun.ManifestText("echo", ManifestWriter.Write(manifest))], UserCode(expression)).AssertCompiles();
        using var image = new MemoryStream();
        run.Output.Emit(image);
        return (string)Assembly.Load(image.ToArray()).GetType("My.App.Caller")!.GetMethod("Call")!.Invoke(null, [path])!;
    }

    private static byte[] Identities(ManifestValue[] inputs)
    {
        var model = new OnnxModel();
        foreach (var input in inputs)
        {
            var type = Enum.Parse<TensorElementType>(input.ElementType.ToString());
            object[]? shape = input.Shape?.Select(dimension => dimension.Value ?? (object)(dimension.Symbol ?? "")).ToArray();
            model.Input(input.Name, OnnxModel.TensorType(type, shape));
            model.Output(input.Name + "_out", OnnxModel.TensorType(type, shape));
            model.Node("Identity", [input.Name], [input.Name + "_out"]);
        }

        return model.Build();
    }

    private static string UserCode(string expression) => $$"""
        using System;
        using System.Linq;
        using ModelCompiler.Runtime;

        namespace My.App
        {
            internal static class Caller
            {
                public static string Call(string path)
                {
                    using var p = new EchoPredictor(new PredictorOptions { ModelPath = path });
                    return {{expression}};
                }

                private static string Show<T>(PredictionTensor<T> tensor) => string.Join(",", tensor.ToArray()) + Shape(tensor);

                private static string Same<T>(PredictionTensor<T> tensor, params T[] expected) => tensor.ToArray().SequenceEqual(expected) + Shape(tensor);

                private static string Shape<T>(PredictionTensor<T> tensor) => " [" + string.Join(",", tensor.Shape.ToArray()) + "]";
            }
        }
        """;
}
