namespace ModelCompiler.Onnx;

/// <summary>
/// Verifies that a model is well-formed, in time linear in its size. Operators that are not in <see cref="OperatorSchemas"/> are taken as they are.
/// </summary>
public static class GraphVerifier
{
    /// <summary>The rules that the model breaks; none for a valid one. Types are verified apart, by <see cref="VerifyTypes"/>.</summary>
    public static IReadOnlyList<Violation> Verify(Model model)
    {
        var violations = new List<Violation>();
        VerifyGraph(model.Graph, new SignatureRules(model, model.Opsets, isFunction: false, violations), violations);
        InterfaceRules.Verify(model.Graph, violations);
        foreach (Function function in model.Functions)
            VerifyGraph(function.Body, new SignatureRules(model, function.Opsets, isFunction: true, violations), violations);
        return violations;
    }

    /// <summary>Where the declared types contradict the operators. Infers all types anew, on a copy: for tests, and where a model comes in.</summary>
    public static IReadOnlyList<Violation> VerifyTypes(Model model) =>
        [.. model.Clone().InferTypes().Contradictions.Select(issue => new Violation(VerificationRule.Type, issue.Node.ToString(), issue.Reason))];

    /// <summary>The first rule that a model breaks, types included, or null.</summary>
    public static Violation? FirstViolation(Model model) => Verify(model) is [var first, ..] ? first : VerifyTypes(model).FirstOrDefault();

    private static void VerifyGraph(Graph graph, SignatureRules signatures, List<Violation> violations)
    {
        new StructureRules(violations).Verify(graph);
        foreach (Node node in graph.AllNodes()) signatures.Verify(node);
    }
}
