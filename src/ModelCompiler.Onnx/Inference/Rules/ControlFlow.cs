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
        long? condition = context.Number(0);
        if (then is null || otherwise is null || !Infer(context, then, condition is 0) || !Infer(context, otherwise, condition is not (null or 0)))
        {
            context.Because("a branch is missing, or nested too deep");
            return;
        }
        for (int i = 0; i < context.OutputCount; i++)
        {
            Value? yes = i < then.Outputs.Count ? then.Outputs[i] : null;
            Value? no = i < otherwise.Outputs.Count ? otherwise.Outputs[i] : null;
            if (condition is null) SetCommon(context, i, yes, no);
            else SetTaken(context, i, condition != 0 ? yes : no);
        }
    }

    /// <summary>Infers a branch; what is wrong with one that never runs is not reported.</summary>
    private static bool Infer(InferenceContext context, Graph branch, bool isDead)
    {
        int issues = context.Engine.Issues.Count;
        bool isInferred = context.Engine.InferGraph(branch);
        if (isDead) context.Engine.ForgetIssues(issues);
        return isInferred;
    }

    private static void SetTaken(InferenceContext context, int output, Value? taken)
    {
        context.Set(output, taken?.Type);
        if (taken is not null) context.SetElements(output, TensorElements.Of(taken));
    }

    private static void SetCommon(InferenceContext context, int output, Value? yes, Value? no)
    {
        OnnxType? common = TypeMerge.Common(yes?.Type, no?.Type);
        if (common is null || common != yes?.Type) context.Because("the branches give different types");
        context.Set(output, common);
    }
}
