using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>What tests of passes say about graphs.</summary>
internal static class GraphAssert
{
    /// <summary>Applies a pass once, as the pipeline does: to a graph whose types are inferred.</summary>
    public static PassContext Apply(IPass pass, Model model, TargetProfile? target = null)
    {
        var context = new PassContext(model, target ?? TargetProfile.CpuPortable) { CurrentPass = pass.Name };
        model.InferTypes();
        pass.Apply(context);
        model.InferTypes();
        return context;
    }

    /// <summary>Asserts that a pass finds nothing to do in what it left behind.</summary>
    public static void SecondRunChangesNothing(IPass pass, Model model, TargetProfile? target = null) =>
        Assert.DoesNotContain(Apply(pass, model, target).Events, e => e.Kind == PassEventKind.Applied);

    /// <summary>How often an operator stands in the graph, subgraphs included.</summary>
    public static int Count(this Graph graph, string opType) => graph.AllNodes().Count(node => node.OpType == opType);

    /// <summary>The operators of the main graph, in order.</summary>
    public static string[] Operators(this Graph graph) => graph.Nodes.Select(node => node.OpType).ToArray();

    /// <summary>Asserts that a pass refused something for a reason that contains <paramref name="reason"/>, and changed nothing.</summary>
    public static void Refuses(IPass pass, Model model, string reason, TargetProfile? target = null)
    {
        PassContext context = Apply(pass, model, target);
        Assert.Equal(0, context.ChangeCount);
        Assert.Contains(context.Events, e => e.Kind == PassEventKind.Refused && e.Text.Contains(reason, StringComparison.Ordinal));
    }
}
