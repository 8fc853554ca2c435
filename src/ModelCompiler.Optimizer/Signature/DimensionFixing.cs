using System.Globalization;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Signature;

/// <summary>
/// Gives open dimensions of a model's inputs a size (<c>Dimensions</c> of the item): by symbol, <c>batch=1;width=320</c>, or by place where a dimension
/// has none, <c>input:0=1</c>. Equal symbols are equal sizes, so the whole graph follows.
/// </summary>
public static class DimensionFixing
{
    /// <summary>Reads <c>name=size;…</c>.</summary>
    /// <exception cref="CompilerException">The text is of another form, or a size is no number above 0 (OM2302).</exception>
    public static IReadOnlyDictionary<string, long> Parse(string text)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Names may hold '=' themselves, sizes cannot.
            int at = part.LastIndexOf('=');
            bool isSize = long.TryParse(at < 0 ? "" : part[(at + 1)..], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out long size) && size > 0;
            if (at <= 0 || !isSize || !sizes.TryAdd(part[..at].TrimEnd(), size)) throw DiagnosticTable.DimensionsInvalid.Error(text, part);
        }
        return sizes;
    }

    /// <summary>Fixes dimensions and infers what follows from them.</summary>
    /// <exception cref="CompilerException">A name is no open dimension of the model (OM2221).</exception>
    public static void Apply(Model model, IReadOnlyDictionary<string, long> sizes)
    {
        CheckNames(model.Graph, sizes);
        var symbols = new Dictionary<string, Dim>(StringComparer.Ordinal);
        foreach ((string name, long size) in sizes) symbols[name] = size;
        foreach (Value input in model.Graph.Inputs)
        {
            if (input.Type is not TensorType { Shape: { } shape } type) continue;
            Dim[] dims = [.. shape.Select((dim, axis) => !dim.IsKnown && sizes.TryGetValue(Place(input, axis), out long size) ? size : dim)];
            input.Type = type with { Shape = new Shape(dims) };
            // A place that has a symbol after all stands for it everywhere.
            for (int axis = 0; axis < dims.Length; axis++)
                if (shape[axis].Symbol is { } symbol && dims[axis].IsKnown) symbols.TryAdd(symbol, dims[axis]);
        }
        foreach (Value value in model.Graph.AllGraphs().SelectMany(graph => graph.Values())) value.Type = Substitute(value.Type, symbols);
        model.InferTypes();
    }

    private static OnnxType? Substitute(OnnxType? type, Dictionary<string, Dim> symbols) => type is TensorType { Shape: { } shape } tensor
        ? tensor with { Shape = new Shape([.. shape.Select(dim => dim.Symbol is null ? dim : dim.Substitute(symbols))]) }
        : type;

    private static void CheckNames(Graph graph, IReadOnlyDictionary<string, long> sizes)
    {
        var open = new List<string>();
        foreach (Value input in graph.Inputs)
        {
            for (int axis = 0; axis < (input.Shape?.Rank ?? 0); axis++)
            {
                if (input.Shape![axis].IsKnown) continue;
                if (input.Shape[axis].Symbol is { } symbol) open.Add(symbol);
                open.Add(Place(input, axis));
            }
        }
        foreach (string name in sizes.Keys)
            if (!open.Contains(name)) throw DiagnosticTable.DimensionUnknown.Error(name, open.Count > 0 ? string.Join(", ", open.Distinct()) : "none");
    }

    private static string Place(Value input, int axis) => string.Create(CultureInfo.InvariantCulture, $"{input.Name}:{axis}");
}
