using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes.Fusion.Products;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion.Products;

public sealed class EinsumToMatMulTests
{
    private static readonly EinsumToMatMul Pass = new();

    private static readonly Dictionary<char, long> Sizes = new() { ['a'] = 2, ['b'] = 3, ['c'] = 4, ['d'] = 5, ['e'] = 6, ['f'] = 7 };

    [Theory]
    [InlineData("ab,bc->ac", "MatMul")]
    [InlineData(" ab , bc -> ac ", "MatMul")]
    [InlineData("abc,cd->abd", "MatMul")]
    [InlineData("abc,dc->abd", "Transpose", "MatMul")]
    [InlineData("a,ab->b", "MatMul")]
    // The dense layers of attention in Keras, into heads and out of them.
    [InlineData("abc,cde->abde", "Reshape", "MatMul", "Reshape")]
    [InlineData("abcd,cde->abe", "Reshape", "Reshape", "MatMul")]
    [InlineData("abc,cde->adbe", "Reshape", "MatMul", "Reshape", "Transpose")]
    // Experts, each with weights of its own.
    [InlineData("ab,cbd->cad", "Transpose", "Reshape", "MatMul", "Reshape", "Transpose")]
    [InlineData("abc,bd->acd", "Transpose", "MatMul")]
    [InlineData("abcd,bde->eac", "Transpose", "Reshape", "Reshape", "MatMul", "Transpose")]
    [InlineData("abcd,dbef->acfe", "Transpose", "Reshape", "Transpose", "Reshape", "MatMul", "Reshape")]
    public void A_product_with_constant_weights_becomes_a_MatMul(string equation, params string[] operators) =>
        FusionAssert.Fuses(Pass, () => Einsum(equation, isFirstConstant: false), operators);

    [Theory]
    [InlineData("bc,ab->ac", "MatMul")]
    [InlineData("cd,abc->abd", "MatMul")]
    public void The_weights_may_come_first(string equation, params string[] operators) =>
        FusionAssert.Fuses(Pass, () => Einsum(equation, isFirstConstant: true), operators);

    [Theory]
    [InlineData("ab,bc", "its result is not written out")]
    [InlineData("...b,bc->...c", "it leaves dimensions open")]
    [InlineData("aab,bc->ac", "it takes a diagonal")]
    [InlineData("ab,bc->abc", "it is no product with a matrix")]
    [InlineData("ab,b->a", "it is no product with a matrix")]
    [InlineData("ab,c->abc", "it is no product with a matrix")]
    [InlineData("abd,bc->ac", "it sums over one factor alone")]
    [InlineData("ab,bcd->ac", "it sums over one factor alone")]
    public void Others_stay(string equation, string reason) => FusionAssert.Refuses(Pass, Einsum(equation, isFirstConstant: false), reason);

    [Fact]
    public void Computed_factors_stay()
    {
        var b = new GraphBuilder();
        Value product = b.Op("Einsum", [b.Input("x", 2, 3), b.Input("w", 3, 4)], new NodeAttribute("equation", "ab,bc->ac"));
        FusionAssert.LeavesAlone(Pass, b.Output("y", product).Model);
    }

    /// <summary>A dimension of 1 is repeated by an Einsum, and not by a MatMul.</summary>
    [Fact]
    public void Sizes_that_may_be_repeated_stay()
    {
        var b = new GraphBuilder();
        Value product = b.Op("Einsum", [b.Input("x", 2, Dim.Named("k")), b.Weights(1, 3, 4)], new NodeAttribute("equation", "ab,bc->ac"));
        FusionAssert.Refuses(Pass, b.Output("y", product).Model, "the sizes of what it sums over are not known to be those of the weights: one that is 1 is repeated");
    }

    [Fact]
    public void Its_product_runs_on_integers()
    {
        using var workspace = new Workspace();
        var b = new GraphBuilder();
        Value x = b.Op("Einsum", [b.Input("x", Dim.Named("n"), 64, 64), b.Weights(1, 64, 8, 16)], new NodeAttribute("equation", "abc,cde->abde"));
        b.Output("y", b.Op("Einsum", [b.Op("Relu", x), b.Weights(2, 8, 16, 64)], new NodeAttribute("equation", "abcd,cde->abe")));
        b.Model.InferTypes();
        string samples = SampleFolder.Write(workspace, b.Model);

        foreach (Optimizer.Compilation.Precision precision in (Optimizer.Compilation.Precision[])[Optimizer.Compilation.Precision.Int8, Optimizer.Compilation.Precision.Int8Dynamic])
        {
            var options = new CompileOptions { Precision = precision, CalibrationPath = samples, MeasureLatency = false };
            CompileResult result = Compiler.Compile(b.Model.Clone(), options, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(2, result.QuantizedNodes);
            Assert.InRange(result.Agreement!.Outputs[0].SqnrDb, 30, 100);
        }
    }

    private static Model Einsum(string equation, bool isFirstConstant)
    {
        var b = new GraphBuilder();
        string[] terms = equation.Replace(" ", "", StringComparison.Ordinal).Split("->")[0].Split(',');
        string w = terms[isFirstConstant ? 0 : 1];
        Value weights = b.Weights(1, [.. w.Select(letter => Sizes[letter])]);
        Value x = b.Input("x", [.. terms[isFirstConstant ? 1 : 0].Replace("...", "a", StringComparison.Ordinal).Select(letter => (Dim)Sizes[letter])]);
        Value product = b.Op("Einsum", isFirstConstant ? [weights, x] : [x, weights], new NodeAttribute("equation", equation));
        return b.Output("y", product).Model;
    }
}
