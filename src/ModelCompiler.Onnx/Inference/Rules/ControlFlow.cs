namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Operators that run subgraphs.</summary>
internal static class ControlFlow
{
    public static void Register(RuleTable rules) => rules.Onnx(If, "If");

    /// <summary>What both branches agree on; the taken branch alone where the condition is known.</summary>
    private static void If(InferenceContext context)
    {
        Graph? then = context.Subgraph("then_branch");
        Graph? otherwise = context.Subgraph("else_branch");
        if (then is null || otherwise is null || !context.Engine.InferGraph(then) || !context.Engine.InferGraph(otherwise))
        {
            context.Because("a branch is missing, or nested too deep");
            return;
        }
        long? condition = context.Number(0);
        for (int i = 0; i < context.OutputCount; i++)
        {
            Value? yes = i < then.Outputs.Count ? then.Outputs[i] : null;
            Value? no = i < otherwise.Outputs.Count ? otherwise.Outputs[i] : null;
            Value? taken = condition is null ? null : condition != 0 ? yes : no;
            context.Set(i, taken is not null ? taken.Type : TypeMerge.Common(yes?.Type, no?.Type));
            if (taken is not null) context.SetElements(i, TensorElements.Of(taken));
            else if (context.OutputType(i) is null or TensorType { Shape: null }) context.Because("the branches give different types");
        }
    }
}
