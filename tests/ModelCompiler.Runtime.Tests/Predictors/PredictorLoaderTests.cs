using System.Security.Cryptography;
using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

/// <summary>A predictor opens nothing but the very model that it was generated for.</summary>
public class PredictorLoaderTests
{
    private static PredictorDescription Describe() => TestPredictor.Describe(
        TestModels.MatMul(1),
        [new TensorSpec("x", TensorElementType.Float32, [1, 4])],
        [new TensorSpec("y", TensorElementType.Float32, [1, 3])]);

    [Fact]
    public void A_missing_model_is_an_error_that_names_the_path()
    {
        var description = Describe();
        File.Delete(PathOf(description));

        var error = Fails(description);

        Assert.Equal("OM5040", error.Code);
        Assert.Contains(PathOf(description), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(TestPredictor), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_that_needs_exact_integers_gets_them(bool isNeeded)
    {
        SessionOptions? opened = null;
        using var predictor = new TestPredictor(Describe() with { ExactIntegers = isNeeded }, new PredictorOptions { ConfigureSession = options => opened = options });

        Assert.Equal(isNeeded, opened!.ExactIntegers);
    }

    [Fact]
    public void A_model_with_any_bit_changed_is_refused_before_it_is_opened()
    {
        var description = Describe();
        byte[] model = File.ReadAllBytes(PathOf(description));
        for (int i = 0; i < model.Length; i++)
        {
            model[i] ^= 1;
            File.WriteAllBytes(PathOf(description), model);
            Assert.Equal("OM5041", Fails(description).Code);
            model[i] ^= 1;
        }
    }

    [Fact]
    public void Another_path_needs_the_same_model()
    {
        var description = Describe();
        using var elsewhere = new Workspace();
        string moved = elsewhere.PathOf("moved.onnx");
        File.Move(PathOf(description), moved);

        using (var predictor = new TestPredictor(description, new PredictorOptions { ModelPath = moved }))
        {
            Assert.Equal(3, predictor.Predict(new float[4]).Length);
        }

        File.WriteAllBytes(moved, TestModels.MatMul(1).Append((byte)0).ToArray());
        var error = Assert.Throws<ModelIntegrityException>(() => new TestPredictor(description, new PredictorOptions { ModelPath = moved }));
        Assert.Equal("OM5041", error.Code);
        Assert.Contains(description.Model.Sha256, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_runtime_is_asked_for_by_both_versions()
    {
        var error = Fails(Describe() with { MinimumRuntimeVersion = "99.1.2" });

        Assert.Equal("OM5042", error.Code);
        Assert.Contains("99.1.2", error.Message, StringComparison.Ordinal);
        Assert.Contains(typeof(Predictor).Assembly.GetName().Version!.ToString(3), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_onnx_runtime_is_asked_for_by_both_versions()
    {
        var error = Fails(Describe() with { MinimumOrtApiVersion = 99 });

        Assert.Equal("OM5042", error.Code);
        Assert.Contains("ONNX Runtime 1.99 or newer, and this is " + OrtEnvironment.Version, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("z", TensorElementType.Float32, 1, 4)]
    [InlineData("x", TensorElementType.Float16, 1, 4)]
    [InlineData("x", TensorElementType.Float32, 1, 5)]
    public void A_signature_that_differs_is_refused(string name, TensorElementType type, int rows, int columns)
    {
        var error = Fails(Describe() with { Inputs = [new TensorSpec(name, type, [rows, columns])] });

        Assert.Equal("OM5043", error.Code);
        Assert.Contains("its input 'x' is float32[1, 4]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_output_is_refused() => Assert.Equal("OM5043", Fails(Describe() with { Outputs = [] }).Code);

    [Fact]
    public void External_data_is_read_beside_the_model_and_checked()
    {
        byte[] weights = TestModels.Bytes(2f, 3f);
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, 2)
            .Output("y", TensorElementType.Float32, 2)
            .ExternalInitializer("w", TensorElementType.Float32, [2], "weights.bin")
            .Node("Mul", ["x", "w"], ["y"])
            .Build();
        var description = TestPredictor.Describe(
            model, [new TensorSpec("x", TensorElementType.Float32, [2])], [new TensorSpec("y", TensorElementType.Float32, [2])]);
        string file = Path.Combine(Path.GetDirectoryName(PathOf(description))!, "weights.bin");
        File.WriteAllBytes(file, weights);
        description = description with { ExternalData = [new ModelFile("weights.bin", Convert.ToHexStringLower(SHA256.HashData(weights)))] };

        using (var predictor = new TestPredictor(description))
        {
            Assert.Equal([20f, 30f], predictor.Predict([10, 10]).Span);
        }

        File.WriteAllBytes(file, TestModels.Bytes(2f, 4f));
        Assert.Equal("OM5041", Fails(description).Code);
        File.Delete(file);
        Assert.Equal("OM5040", Fails(description).Code);
    }

    private static ModelIntegrityException Fails(PredictorDescription description) =>
        Assert.Throws<ModelIntegrityException>(() => new TestPredictor(description));

    private static string PathOf(PredictorDescription description) => Path.Combine(AppContext.BaseDirectory, description.Model.Path);
}
