using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes.Quantization;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Quantization;

/// <summary>Without the pass, ONNX Runtime takes the process with it when it loads them.</summary>
public sealed class CapturedMovementsTests
{
    private static readonly CapturedMovements Pass = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_a_branch_reads_is_moved_as_integers(int movements)
    {
        Model model = Branched(movements);
        GraphAssert.Apply(Pass, model);
        Assert.Equal(["QuantizeLinear", .. Enumerable.Repeat("Reshape", movements), "DequantizeLinear", "ReduceMax", "Greater", "If"], model.Graph.Operators());
        GraphAssert.SecondRunChangesNothing(Pass, model);
        SameAnswers.Assert(Branched(movements), model);
    }

    [Fact]
    public void A_model_that_comes_quantized_compiles()
    {
        Model model = Compiler.Compile(Branched(1), new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken).Model;
        SameAnswers.Assert(Branched(1), model);
    }

    [Fact]
    public void What_no_branch_reads_stays()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Relu", b.Op("Reshape", Real(b), b.Constant([-1L, 8]))));
        BitExact.LeavesAlone(Pass, b.Model);
    }

    private static Value Real(GraphBuilder b)
    {
        Value scale = b.Scalar(0.02f), zero = b.Scalar((byte)100);
        return b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Input("x", 3, 2, 4), scale, zero), scale, zero);
    }

    private static Model Branched(int movements)
    {
        var b = new GraphBuilder();
        Value moved = Real(b);
        for (int i = 0; i < movements; i++) moved = b.Op("Reshape", moved, b.Constant([-1L, 8 >> i]));
        Value isLarge = b.Op("Greater", b.Op("ReduceMax", [moved], new NodeAttribute("keepdims", 0L)), b.Scalar(0.5f));
        Graph Body(string name, string opType) => b.Subgraph(name, inner => inner.Output($"{name}_y", inner.Op(opType, moved)));
        return b.Output("y", b.Op("If", [isLarge], new("then_branch", Body("then", "Tanh")), new NodeAttribute("else_branch", Body("else", "Sigmoid")))).Model;
    }
}
