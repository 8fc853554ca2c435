using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;
using ModelCompiler.Tool.Settings;

namespace ModelCompiler.Tool.Compilation;

/// <summary>Finds the inputs and outputs that settings name, and checks the names that they give.</summary>
internal static class TensorNames
{
    /// <summary>The inputs, those with a default last: the order in which ONNX Runtime tells of them.</summary>
    public static IReadOnlyList<Value> InputsOf(Graph graph) => [.. graph.Inputs.OrderBy(input => input.Default is not null)];

    /// <summary>The value of this name.</summary>
    /// <param name="setting">The setting that names it.</param>
    /// <param name="name">The name in the model.</param>
    /// <param name="role">What the values are, such as "input".</param>
    /// <param name="values">Where to look.</param>
    /// <exception cref="CompilerException">There is none (OM2310).</exception>
    public static Value Find(string setting, string name, string role, IReadOnlyList<Value> values) =>
        values.FirstOrDefault(value => value.Name == name) ?? throw DiagnosticTable.TensorUnknown.Error(
            setting, name, role, NearestName.Hint(name, values.Select(value => value.Name)), string.Join(", ", values.Select(value => $"'{value.Name}'")));

    /// <summary>Checks that <c>Rename</c> names tensors of the model and gives each a C# name of its own.</summary>
    /// <exception cref="CompilerException">A tensor is unknown (OM2310), or a name is none or given twice (OM2311).</exception>
    public static void CheckRename(Graph graph, IReadOnlyDictionary<string, string> rename)
    {
        var given = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string member) in rename)
        {
            Find("Rename", name, "input or output", [.. InputsOf(graph), .. graph.Outputs]);
            string pair = $"{name}={member}";
            if (!SettingText.IsCSharpName(member)) throw DiagnosticTable.MemberNameInvalid.Error(pair, member, "is no name of C#");
            if (!given.Add(member)) throw DiagnosticTable.MemberNameInvalid.Error(pair, member, "is given to another tensor too");
        }
    }
}
