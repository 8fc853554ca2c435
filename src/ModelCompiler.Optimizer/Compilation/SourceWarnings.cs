using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;

namespace ModelCompiler.Optimizer.Compilation;

/// <summary>What the user of a model should know about it as it came, whatever becomes of it.</summary>
internal static class SourceWarnings
{
    /// <summary>Codes and messages about a model whose functions are inlined.</summary>
    public static IReadOnlyList<(string Code, string Message)> Of(Model model)
    {
        var warnings = new List<(string, string)>();
        if (model.Graph.AllNodes().FirstOrDefault(IsInTraining) is { } node) warnings.Add((DiagnosticTable.TrainingMode.Id, DiagnosticTable.TrainingMode.Text(node.Name, node.OpType)));
        IReadOnlySet<string> random = RandomOutputs.Of(model.Graph);
        if (random.Count > 0) warnings.Add((DiagnosticTable.RandomAnswers.Id, DiagnosticTable.RandomAnswers.Text(string.Join(", ", random.Order(StringComparer.Ordinal).Select(name => $"'{name}'")))));
        return warnings;
    }

    private static bool IsInTraining(Node node) => (node.Is("BatchNormalization") && node.Attributes.GetInt("training_mode", 0) != 0)
        || (node.Is("Dropout") && RandomOperators.Drops(node));
}
