using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Signature;

/// <summary>
/// Makes initializers inputs that a caller may give (<c>OptionalInputs</c> of the item): thresholds, temperatures, prompts. Where nothing is given, the
/// model computes with the value that it has. What hangs on them is no constant any more, so nothing is folded with it.
/// </summary>
public static class DefaultedInputs
{
    /// <summary>The version of the format from which on callers may replace an initializer.</summary>
    private const long FirstVersion = 4;

    private const int NamesShown = 8;

    /// <summary>Makes inputs of the initializers of these names, in this order, after the inputs that must be given.</summary>
    /// <exception cref="CompilerException">A name is no initializer of the model (OM2310).</exception>
    public static void Apply(Model model, IReadOnlyList<string> names)
    {
        foreach (string name in names.Distinct())
        {
            Value constant = model.Graph.Initializers.FirstOrDefault(value => value.Name == name) ?? throw Unknown(name, model.Graph);
            model.Graph.MakeInput(constant);
        }
        model.IrVersion = Math.Max(model.IrVersion, FirstVersion);
    }

    /// <summary>The smallest are those that one would want to give.</summary>
    private static CompilerException Unknown(string name, Graph graph)
    {
        IEnumerable<string> smallest = graph.Initializers.OrderBy(value => value.Initializer!.ElementCount).Take(NamesShown).Select(value => $"'{value.Name}' ({value.Initializer!.Type})");
        string rest = graph.Initializers.Count > NamesShown ? $" and {graph.Initializers.Count - NamesShown} larger ones" : "";
        return DiagnosticTable.TensorUnknown.Error("OptionalInputs", name, "initializer", "", string.Join(", ", smallest) + rest);
    }
}
