using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Models whose answers are no tensors of numbers that can be subtracted: collections, names, random numbers.</summary>
public sealed class UncommonAnswersTests
{
    [Fact]
    public void Sequences_and_maps_are_compared_by_the_tensors_in_them()
    {
        var b = new GraphBuilder();
        b.Model.Opsets["ai.onnx.ml"] = 1;
        Value scores = b.Op("Softmax", b.Op("MatMul", b.Input("x", Dim.Named("N"), 256), b.Weights(1, 256, 2)));
        Value maps = b.Node("ZipMap", [scores], 1, "ai.onnx.ml", new NodeAttribute("classlabels_int64s", [0L, 1L])).Outputs[0];
        Value parts = b.Op("SplitToSequence", [scores, b.Scalar(1L)], new NodeAttribute("axis", 1L));
        CompileResult result = Compile(b.Output("maps", maps).Output("parts", parts).Model, Precision.Float16);
        Assert.Equal(["maps", "parts"], result.Agreement!.Outputs.Select(output => output.Name));
        Assert.All(result.Agreement.Outputs, output => Assert.InRange(output.SqnrDb, 40, 120));
        Assert.NotNull(result.LatencyRatio);
    }

    [Fact]
    public void Names_are_the_same_or_not()
    {
        var b = new GraphBuilder();
        Value scores = b.Op("MatMul", b.Input("x", Dim.Named("N"), 64), b.Weights(1, 64, 1000));
        Value best = b.Op("ArgMax", [scores], new("axis", 1L), new("keepdims", 0L));
        OutputAgreement output = Assert.Single(Compile(b.Output("class", best).Model, Precision.Int4).Agreement!.Outputs);
        Assert.Null(output.Top1Agreement);
        Assert.InRange(output.Same!.Value, 0, 1);
    }

    [Theory]
    [InlineData(0.9, true)]
    [InlineData(0.97, false)]
    public void Of_names_the_share_that_changed_counts_and_not_how_far_apart_they_are(double same, bool isTold)
    {
        var output = new OutputAgreement("class", 0.5, -3, 900, null) { Same = same };
        var evaluation = new Evaluation(new Agreement(100, [output]), null);
        Assert.Equal(isTold, evaluation.Estranged is not null);
        Assert.Equal(100 * (1 - same), evaluation.Drop, 9);
        Assert.Equal(100 * (1 - same), evaluation.ExpectedDrop, 9);
        Assert.Equal(-10 * Math.Log10(1 - same), evaluation.WorstSqnr, 9);
    }

    [Fact]
    public void What_is_drawn_at_random_is_not_compared()
    {
        var b = new GraphBuilder();
        Value mean = b.Op("MatMul", b.Input("x", Dim.Named("N"), 8), b.Weights(1, 8, 4));
        Value drawn = b.Op("Add", mean, b.Op("RandomNormalLike", mean));
        CompileResult result = Compile(b.Output("drawn", drawn).Output("mean", mean).Model, Precision.Float16);
        Assert.Equal("mean", Assert.Single(result.Agreement!.Outputs).Name);
        Assert.Contains("'drawn'", Assert.Single(result.Warnings, warning => warning.Code == "OM4017").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_in_training_mode_compiles_and_is_told_of()
    {
        var b = new GraphBuilder(opset: 15);
        Value x = b.Input("x", 4, 3, 5, 5);
        Value[] scale = [.. Enumerable.Range(1, 4).Select(seed => b.Weights(seed, 3))];
        Node normalization = b.Node("BatchNormalization", [x, .. scale], 3, "", new NodeAttribute("training_mode", 1L));
        CompileResult result = Compile(b.Output("y", b.Op("Relu", normalization.Outputs[0])).Model, Precision.Float32);
        Assert.Equal(double.PositiveInfinity, result.Agreement!.Outputs[0].SqnrDb);
        Assert.Contains("BatchNormalization", Assert.Single(result.Warnings).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f, "OM4017", "OM4018")]
    public void Only_a_dropout_that_leaves_something_out_is_told_of(float ratio, params string[] warnings)
    {
        var b = new GraphBuilder(opset: 15);
        // As exporters write it: Constant nodes, which are folded later.
        Value share = b.Op("Constant", [], new NodeAttribute("value", Tensor.Scalar(ratio))), training = b.Op("Constant", [], new NodeAttribute("value", Tensor.Scalar(true)));
        Value y = b.Op("Relu", b.Op("Dropout", b.Op("MatMul", b.Input("x", 4, 8), b.Weights(1, 8, 4)), share, training));
        CompileResult result = Compile(b.Output("y", y).Model, Precision.Float32);
        Assert.Equal(warnings, result.Warnings.Select(warning => warning.Code).Order(StringComparer.Ordinal));
    }

    private static CompileResult Compile(Model model, Precision precision) =>
        Compiler.Compile(model, new CompileOptions { Precision = precision }, cancellationToken: TestContext.Current.CancellationToken);
}
