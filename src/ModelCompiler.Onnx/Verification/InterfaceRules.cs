namespace ModelCompiler.Onnx;

/// <summary>What the outside relies on: the names of the main graph's inputs and outputs, which it is called by.</summary>
internal static class InterfaceRules
{
    public static void Verify(Graph graph, List<Violation> violations)
    {
        VerifyNames(graph.Inputs, "input", violations);
        VerifyNames(graph.Outputs, "output", violations);
    }

    private static void VerifyNames(IReadOnlyList<Value> values, string what, List<Violation> violations)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (Value value in values)
        {
            if (value.Name.Length == 0) violations.Add(new Violation(VerificationRule.Outputs, what, $"an {what} of the model has no name"));
            else if (!seen.Add(value.Name)) violations.Add(new Violation(VerificationRule.Outputs, value.Name, $"two {what}s of the model have this name"));
        }
    }
}
