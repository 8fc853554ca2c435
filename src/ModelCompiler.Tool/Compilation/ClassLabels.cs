using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Tool.Compilation;

/// <summary>The names of the classes of a model, from a text file with a line each.</summary>
internal sealed class ClassLabels
{
    private readonly string[] _names;

    private ClassLabels(string[] names) => _names = names;

    /// <summary>None.</summary>
    public static ClassLabels None { get; } = new([]);

    /// <summary>Reads the file, and checks that an output has as many classes.</summary>
    /// <exception cref="CompilerException">The file cannot be read, or no output has as many (OM2313).</exception>
    public static ClassLabels Read(string path, Graph graph)
    {
        var labels = new ClassLabels(ReadLines(path));
        if (graph.Outputs.Any(labels.Fit)) return labels;
        string outputs = string.Join(", ", graph.Outputs.Select(output => $"'{output.Name}' {output.Shape?.ToString() ?? "of unknown shape"}"));
        throw DiagnosticTable.LabelsUnfit.Error(path, labels._names.Length, outputs);
    }

    /// <summary>The names, where the last dimension of the output counts them; none otherwise.</summary>
    public IReadOnlyList<string> Of(Value output) => Fit(output) ? _names : [];

    private bool Fit(Value output) =>
        _names.Length > 0 && output.TensorType is { ElementType: not ElementType.String, Shape: { Rank: > 0 } shape } && shape[^1].ValueOrNull == _names.Length;

    /// <summary>Blank lines at the end are no classes; within, they would shift the rest.</summary>
    private static string[] ReadLines(string path)
    {
        try
        {
            return [.. File.ReadAllText(path).TrimEnd().Split('\n').Select(line => line.TrimEnd('\r'))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticTable.FileUnreadable.ErrorIn(path, e.Message);
        }
    }
}
