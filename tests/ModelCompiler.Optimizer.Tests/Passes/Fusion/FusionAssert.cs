using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion;

/// <summary>What every fusion promises: the operators that remain, the same answers, and nothing more to do.</summary>
internal static class FusionAssert
{
    /// <summary>Asserts that a pass leaves exactly <paramref name="operators"/>, the answers as they were, and nothing to do for itself.</summary>
    public static Model Fuses(IPass pass, Func<Model> build, params string[] operators) => Fuses(pass, build, TargetProfile.CpuPortable, operators);

    /// <inheritdoc cref="Fuses(IPass, Func{Model}, string[])"/>
    public static Model Fuses(IPass pass, Func<Model> build, TargetProfile target, params string[] operators) =>
        Fuses(pass, build, target, overflowsAlike: false, operators);

    /// <summary>
    /// The same, but that ∞ − ∞ may stay an infinity where two sums have become one, and that ONNX Runtime's padded maximum of nothing but −∞ is the
    /// lowest number.
    /// </summary>
    public static Model FusesUpToOverflow(IPass pass, Func<Model> build, params string[] operators) => Fuses(pass, build, TargetProfile.CpuPortable, overflowsAlike: true, operators);

    private static Model Fuses(IPass pass, Func<Model> build, TargetProfile target, bool overflowsAlike, string[] operators)
    {
        Model model = Typed(build());
        PassContext context = GraphAssert.Apply(pass, model, target);
        Assert.Equal(operators, model.Graph.Operators());
        Assert.NotEqual(0, context.ChangeCount);
        GraphAssert.SecondRunChangesNothing(pass, model, target);
        SameAnswers.Assert(build(), model);
        SameAnswers.AssertAtBoundaries(build(), model, overflowsAlike);
        return model;
    }

    /// <summary>Asserts that a pass changes nothing for a reason that contains <paramref name="reason"/>.</summary>
    public static void Refuses(IPass pass, Model model, string reason, TargetProfile? target = null) =>
        GraphAssert.Refuses(pass, Typed(model), reason, target);

    /// <summary>Asserts that a pass changes nothing and says nothing.</summary>
    public static void LeavesAlone(IPass pass, Model model)
    {
        Typed(model);
        string[] before = model.Graph.Operators();
        Assert.Empty(GraphAssert.Apply(pass, model).Events);
        Assert.Equal(before, model.Graph.Operators());
    }

    // Passes run on inferred types.
    private static Model Typed(Model model)
    {
        model.InferTypes();
        return model;
    }
}
