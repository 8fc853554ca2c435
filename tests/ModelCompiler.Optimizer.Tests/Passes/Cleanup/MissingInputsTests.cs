using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public class MissingInputsTests
{
    /// <summary>Without the pass, ONNX Runtime takes the process with it.</summary>
    [Fact]
    public void A_normalization_that_names_its_missing_bias_compiles()
    {
        CompileResult result = Compiler.Compile(Normalization(), new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        SameAnswers.Assert(Normalization(bias: false), result.Model);
    }

    [Fact]
    public void Only_what_is_behind_the_last_input_goes()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 3);
        Node clip = b.Node("Clip", [x, null, b.Scalar(1f)]), lower = b.Node("Clip", [clip.Output, b.Scalar(0f), null]);
        b.Output("y", lower.Output);
        GraphAssert.Apply(new MissingInputs(), b.Model);
        Assert.Equal((3, 2), (clip.Inputs.Length, lower.Inputs.Length));
    }

    private static Model Normalization(bool bias = true)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", 2, 3, 3), scale = b.Weights(1, 3);
        Value y = b.Op("LayerNormalization", bias ? [x, scale, null] : [x, scale], new NodeAttribute("axis", -1L));
        b.Output("y", b.Op("Transpose", [y], new NodeAttribute("perm", [0L, 2L, 1L])));
        return b.Model;
    }
}
