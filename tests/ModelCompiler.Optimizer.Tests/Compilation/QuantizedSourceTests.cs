using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Models that come quantized.</summary>
public class QuantizedSourceTests
{
    private static readonly Lazy<CompileResult> Once = new(() => Compile(OnnxReader.Read(Repository.DigitsModel), null));

    [Fact]
    public void Quantized_throughout_it_keeps_its_integers_and_says_so()
    {
        CompileResult twice = Compile(Once.Value.Model.Clone(), null);
        Assert.Equal((7, 0), (twice.QuantizedNodes, twice.FloatNodes));
        Assert.Equal("OM4008", Assert.Single(twice.Warnings).Code);
        Assert.Equal(Weights(Once.Value.Model), Weights(twice.Model));
        Assert.InRange(twice.Agreement!.Outputs[0].Cosine, 0.99999, 1);
    }

    [Fact]
    public void Quantized_in_part_it_is_completed_and_what_was_given_keeps_its_scales()
    {
        CompilationPlan plan = Once.Value.Plan with { Layers = new Dictionary<string, string> { ["logits"] = CompilationPlan.Float } };
        CompileResult part = Compile(OnnxReader.Read(Repository.DigitsModel), plan);
        Assert.Equal((6, 1), (part.QuantizedNodes, part.FloatNodes));

        CompileResult whole = Compile(part.Model.Clone(), null);

        Assert.Equal((7, 0), (whole.QuantizedNodes, whole.FloatNodes));
        Assert.Empty(whole.Warnings);
        Assert.Superset(Weights(part.Model), Weights(whole.Model));
        Assert.InRange(whole.Agreement!.Outputs[0].Cosine, 0.999, 1);
    }

    [Fact]
    public void Integer_operators_pass_through()
    {
        var b = new GraphBuilder();
        Node quantized = b.Node("DynamicQuantizeLinear", [b.Input("x", 4, 8)], 3);
        Value product = b.Op("MatMulInteger", quantized.Outputs[0], b.Constant(TestTensors.Random(ElementType.Int8, 1, 8, 4)), quantized.Outputs[2]);
        b.Output("y", b.Op("Mul", b.Op("Cast", [product], new NodeAttribute("to", (long)ElementType.Float)), quantized.Outputs[1]));
        b.Model.InferTypes();
        CompileResult result = Compiler.Compile(b.Model, new CompileOptions { Precision = Precision.Int8, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        // It has no ranges of ours, and so none of random inputs.
        Assert.Equal("OM4008", Assert.Single(result.Warnings).Code);
        Assert.Contains("MatMulInteger", result.Warnings[0].Message, StringComparison.Ordinal);
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.99999, 1);
    }

    private static CompileResult Compile(Model model, CompilationPlan? plan) => Compiler.Compile(
        model,
        new CompileOptions { Precision = Precision.Int8, CalibrationPath = Repository.DigitsCalibration, MeasureLatency = false, Plan = plan },
        cancellationToken: TestContext.Current.CancellationToken);

    private static ISet<string> Weights(Model model) => model.Graph.Initializers
        .Where(value => value.Initializer!.ElementType == ElementType.Int8 && value.Initializer.Rank > 1)
        .Select(value => Convert.ToHexString(value.Initializer!.Bytes)).ToHashSet();
}
