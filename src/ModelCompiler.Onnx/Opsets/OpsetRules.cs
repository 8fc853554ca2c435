using System.Collections.Frozen;
using ModelCompiler.Onnx.Opsets.Rules;

namespace ModelCompiler.Onnx;

/// <summary>Changes a node of one version into what means the same in the next. It returns null, or why it cannot, having changed nothing.</summary>
internal delegate string? OpsetRule(Node node);

/// <summary>
/// The rules by operator and the version that they lead to. To add one: a method in the file of its kind in <c>Rules/</c>, and a line in that
/// file's <c>Register</c>.
/// </summary>
internal sealed class OpsetRules
{
    private static readonly FrozenDictionary<(string OpType, long Version), OpsetRule> Rules = Build();

    private readonly Dictionary<(string, long), OpsetRule> _rules = [];

    public static OpsetRule? Find(string opType, long version) => Rules.GetValueOrDefault((opType, version));

    public void Add(string opType, long version, OpsetRule rule) => _rules.Add((opType, version), rule);

    private static FrozenDictionary<(string, long), OpsetRule> Build()
    {
        var rules = new OpsetRules();
        AttributesToInputs.Register(rules);
        Defaults.Register(rules);
        Normalizations.Register(rules);
        Resizing.Register(rules);
        SoftmaxFamily.Register(rules);
        return rules._rules.ToFrozenDictionary();
    }
}
