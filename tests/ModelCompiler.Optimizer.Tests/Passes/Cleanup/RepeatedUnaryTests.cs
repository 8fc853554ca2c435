using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Cleanup;

public sealed class RepeatedUnaryTests
{
    private static readonly RepeatedUnary Pass = new();

    private static Model Build(string op, int times, ElementType type = ElementType.Float)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", type, 33);
        for (int i = 0; i < times; i++) x = b.Op(op, x);
        return b.Output("y", x).Model;
    }

    [Theory]
    [InlineData("Abs")]
    [InlineData("Ceil")]
    [InlineData("Floor")]
    [InlineData("Round")]
    [InlineData("Sign")]
    public void Does_once_what_is_done_thrice(string op) => BitExact.Rewrites(Pass, () => Build(op, 3), op);

    [Theory]
    [InlineData("Neg", ElementType.Float)]
    [InlineData("Neg", ElementType.Int32)]
    [InlineData("Not", ElementType.Bool)]
    public void Undoes_what_is_done_twice(string op, ElementType type)
    {
        Model model = Build(op, 3, type);
        GraphAssert.Apply(Pass, model);
        GraphAssert.Apply(new DeadCode(), model);
        Assert.Equal([op], model.Graph.Operators());
        BitExact.SameAnswers(Build(op, 3, type), model);
    }

    [Theory]
    [InlineData("Exp")]
    [InlineData("Reciprocal")]
    [InlineData("Sqrt")]
    public void Leaves_others(string op) => BitExact.LeavesAlone(Pass, Build(op, 2));
}
