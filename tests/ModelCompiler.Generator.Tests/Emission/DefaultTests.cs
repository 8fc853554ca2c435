using System.Reflection;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;
using static ModelCompiler.Generator.Tests.TestManifests;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Inputs that have a value in the model: given or left out, one call after the other, in each of the ways in. y = x · weights · scale, [N, 2].</summary>
public sealed class DefaultTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Spans_and_a_number() => Assert.Equal(
        "2,40 | 3,60 | 14,6 | 2,40",
        Call("p.Predict(x).Y.ToArray(), p.Predict(x, scale: 3).Y.ToArray(), p.Predict(x, weights: new float[] { 7, 1.5f }).Y.ToArray(), p.Predict(x).Y.ToArray()"));

    [Fact]
    public void A_batch() => Assert.Equal("3,60,9,120 | 2,40,6,80", Call("p.Predict(four, 2, scale: 3).Y.ToArray(), p.Predict(four, 2).Y.ToArray()"));

    [Fact]
    public void Memory_of_the_caller() => Assert.Equal(
        "3,60 | 3,60 | 2,40",
        Call(
            "first, second, third",
            "float[] first = [0, 0], second = [0, 0], third = [0, 0]; p.PredictInto(x, first, scale: 3); p.PredictInto(new EchoInput { X = x, Scale = 3 }, second); p.PredictInto(x, third);"));

    [Fact]
    public void One_value_with_all_inputs() => Assert.Equal(
        "2,40 | 3,60 | 21,9",
        Call("p.Predict(new EchoInput { X = x }).Y.ToArray(), p.Predict(new EchoInput { X = x, Scale = 3 }).Y.ToArray(), p.Predict(new EchoInput { X = x, Scale = 3, Weights = new float[] { 7, 1.5f } }).Y.ToArray()"));

    [Fact]
    public void A_request_keeps_what_it_was_given_until_it_is_taken_back() => Assert.Equal(
        "2,40 | 3,60 | 3,60 | 2,40",
        Call(
            "Run(), Scaled(3), Run(), Scaled(null)",
            "using var request = p.CreateRequest(); x.CopyTo(request.X); float[] Run() { request.Run(); return request.Y.ToArray(); } float[] Scaled(float? scale) { request.SetScale(scale); request.SetWeights([]); return Run(); }"));

    [Fact]
    public void Samples_share_a_run_where_what_it_has_once_is_equal() => Assert.Equal(
        "2,40 | 3,60 | 2,40",
        Call(
            "rows[0].Y.ToArray(), rows[1].Y.ToArray(), rows[2].Y.ToArray()",
            "var rows = p.PredictBatch(new[] { new EchoInput { X = x }, new EchoInput { X = x, Scale = 3 }, new EchoInput { X = x } });"));

    [Fact]
    public void A_wrong_number_of_elements_names_the_tensor()
    {
        var e = Assert.Throws<TargetInvocationException>(() => Call("p.Predict(x, weights: new float[3]).Y.ToArray()")).InnerException;

        Assert.Contains("'weights'", Assert.IsType<TensorMismatchException>(e).Message, StringComparison.Ordinal);
    }

    /// <summary>The values, each as text.</summary>
    private string Call(string values, string before = "")
    {
        ManifestValue[] inputs = [Tensor("x", "N", 2), Tensor("scale") with { HasDefault = true }, Tensor("weights", 2) with { HasDefault = true }];
        var model = new OnnxModel()
            .Input("x", TensorElementType.Float32, "N", 2L).Input("scale", TensorElementType.Float32).Input("weights", TensorElementType.Float32, 2L)
            .Initializer("scale", TensorElementType.Float32, [], TestModels.Bytes(2f)).Initializer("weights", TensorElementType.Float32, [2], TestModels.Bytes(1f, 10f))
            .Node("Mul", ["x", "weights"], ["xw"]).Node("Mul", ["xw", "scale"], ["y"])
            .Output("y", TensorElementType.Float32, "N", 2L);
        string body = $"{{ float[] x = [1, 2], four = [1, 2, 3, 4]; _ = four; {before} float[][] all = [{values}]; return string.Join(\" | \", all.Select(one => string.Join(\",\", one))); }}";
        return GeneratedProgram.Run(_workspace, Of("echo", inputs, [Tensor("y", "N", 2)]), model.Build(), body);
    }
}
