using System.Collections.Frozen;
using ModelCompiler.Onnx.Inference.Rules;

namespace ModelCompiler.Onnx.Inference;

/// <summary>Sets the outputs of the context's node as far as they follow from its inputs and attributes. It throws on no node, however malformed.</summary>
internal delegate void InferenceRule(InferenceContext context);

/// <summary>
/// The rule of each operator. To add an operator: write a method that takes an <see cref="InferenceContext"/> into the file of its family in
/// <c>Rules/</c>, and add one line with its name to the <c>Register</c> of that file. Differences between operator set versions are the rule's
/// own, by <see cref="InferenceContext.OpsetVersion"/>.
/// </summary>
internal sealed class RuleTable
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string MicrosoftDomain = "com.microsoft";

    /// <summary>The domain of classical machine learning operators.</summary>
    public const string MachineLearningDomain = "ai.onnx.ml";

    private static readonly FrozenDictionary<(string Domain, string Operator), InferenceRule> Rules = Build();

    private readonly Dictionary<(string Domain, string Operator), InferenceRule> _rules = [];

    /// <summary>The rule for an operator, or null.</summary>
    public static InferenceRule? Find(string domain, string opType) =>
        Rules.GetValueOrDefault((domain is "ai.onnx" ? "" : domain, opType));

    /// <summary>Adds a rule for operators of ONNX's own domain.</summary>
    public void Onnx(InferenceRule rule, params ReadOnlySpan<string> operators) => Add("", rule, operators);

    /// <summary>Adds a rule for operators of <see cref="MicrosoftDomain"/>.</summary>
    public void Contrib(InferenceRule rule, params ReadOnlySpan<string> operators) => Add(MicrosoftDomain, rule, operators);

    /// <summary>Adds a rule for operators of <see cref="MachineLearningDomain"/>.</summary>
    public void Ml(InferenceRule rule, params ReadOnlySpan<string> operators) => Add(MachineLearningDomain, rule, operators);

    private void Add(string domain, InferenceRule rule, ReadOnlySpan<string> operators)
    {
        foreach (string name in operators) _rules.Add((domain, name), rule);
    }

    private static FrozenDictionary<(string, string), InferenceRule> Build()
    {
        var table = new RuleTable();
        Attention.Register(table);
        ContribFloat.Register(table);
        ContribAttention.Register(table);
        ContribQuantization.Register(table);
        ControlFlow.Register(table);
        Convolution.Register(table);
        Elementwise.Register(table);
        Generation.Register(table);
        Indexing.Register(table);
        Joining.Register(table);
        LinearAlgebra.Register(table);
        Loops.Register(table);
        Losses.Register(table);
        MachineLearning.Register(table);
        Normalization.Register(table);
        Pooling.Register(table);
        Quantization.Register(table);
        Recurrent.Register(table);
        Reduction.Register(table);
        Reshaping.Register(table);
        Resizing.Register(table);
        Sequences.Register(table);
        Signal.Register(table);
        Slicing.Register(table);
        Text.Register(table);
        Vision.Register(table);
        return table._rules.ToFrozenDictionary();
    }
}
