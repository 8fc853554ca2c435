namespace ModelCompiler.Onnx;

/// <summary>Compares nodes with the signatures of their operators.</summary>
internal sealed class SignatureRules(Model model, IReadOnlyDictionary<string, long> opsets, bool isFunction, List<Violation> violations)
{
    private readonly Dictionary<(string Domain, string OpType), OperatorSchema?> _schemas = [];
    private readonly HashSet<(string, string)> _functions = [.. model.Functions.Select(f => (f.Domain, f.Name))];

    public void Verify(Node node)
    {
        foreach (NodeAttribute attribute in node.Attributes)
            if (attribute.Reference is not null && !isFunction) Report(VerificationRule.Attributes, node, $"attribute '{attribute.Name}' refers to a parameter, and the node is in no function");
        if (_functions.Contains((node.Domain, node.OpType))) return;
        if (!opsets.TryGetValue(node.Domain, out long version))
        {
            // Versions 1 and 2 of the format had no operator sets yet.
            if (model.IrVersion >= 3) Report(VerificationRule.Opset, node, $"operator set '{(node.Domain.Length == 0 ? "ai.onnx" : node.Domain)}' is not imported");
            return;
        }
        if (SchemaOf(node, version) is not { } schema) return;
        if (schema.IsDeprecated)
        {
            Report(VerificationRule.Deprecated, node, $"{node.OpType} must not be used from operator set {schema.SinceVersion} on");
            return;
        }
        VerifyCount(node, "inputs", node.Inputs.Length, schema.Inputs);
        VerifyCount(node, "outputs", node.Outputs.Length, schema.Outputs);
        VerifyAttributes(node, schema);
    }

    private OperatorSchema? SchemaOf(Node node, long version)
    {
        if (!_schemas.TryGetValue((node.Domain, node.OpType), out OperatorSchema? schema))
        {
            schema = OperatorSchemas.Find(node.Domain, node.OpType, version);
            _schemas.Add((node.Domain, node.OpType), schema);
        }
        return schema;
    }

    private void VerifyCount(Node node, string what, int count, (int Min, int Max) range)
    {
        if (count < range.Min || count > range.Max)
            Report(VerificationRule.Arity, node, $"{node.OpType} takes {Describe(range)} {what}, and the node has {count}");
    }

    private void VerifyAttributes(Node node, OperatorSchema schema)
    {
        if (schema.Attributes is not { } known) return;
        int required = 0;
        foreach (NodeAttribute attribute in node.Attributes)
        {
            // Two underscores mark what tools leave for themselves; ONNX's own checker skips it too.
            if (attribute.Name.StartsWith("__", StringComparison.Ordinal)) continue;
            if (!known.TryGetValue(attribute.Name, out AttributeSchema expected))
                Report(VerificationRule.Attributes, node, $"{node.OpType} has no attribute '{attribute.Name}' in operator set {schema.SinceVersion}");
            else if (attribute.Kind != expected.Kind && attribute.Kind != AttributeKind.Undefined)
                Report(VerificationRule.Attributes, node, $"attribute '{attribute.Name}' is a {attribute.Kind}, and must be a {expected.Kind}");
            else if (expected.IsRequired) required++;
        }
        if (required == schema.RequiredAttributes) return;
        foreach ((string name, AttributeSchema expected) in known)
            if (expected.IsRequired && node.Attributes.Find(name) is null) Report(VerificationRule.Attributes, node, $"{node.OpType} needs the attribute '{name}'");
    }

    private static string Describe((int Min, int Max) range) =>
        range.Max == int.MaxValue ? $"at least {range.Min}" : range.Min == range.Max ? $"{range.Min}" : $"{range.Min} to {range.Max}";

    private void Report(VerificationRule rule, Node node, string text) => violations.Add(new Violation(rule, node.ToString(), text));
}
