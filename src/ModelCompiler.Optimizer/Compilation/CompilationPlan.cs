namespace ModelCompiler.Optimizer.Compilation;

/// <summary>
/// What was decided by measuring, recorded: a compilation that is given a plan measures nothing and makes the same model on every machine.
/// Each precision's method puts its own words here and reads them back.
/// </summary>
public sealed record CompilationPlan
{
    /// <summary>The word in <see cref="Layers"/> for a layer that stays in the source's precision, because the answers need it.</summary>
    public const string Float = "float";

    /// <summary>The word in <see cref="Layers"/> for a layer that stays in the source's precision because it is faster so, with the conversions around it.</summary>
    public const string FloatForSpeed = "float (faster)";

    /// <summary>The word in <see cref="Layers"/> for a layer on integers whose weights are laid out for a processor's tiles; the answers are the same.</summary>
    public const string OnTiles = "int8 (tiles)";

    /// <summary>The choice that says whether a model that was to run on integers does at all.</summary>
    internal const string ComputesWith = "compute";

    /// <summary>The precision that the model is compiled in.</summary>
    public required Precision Precision { get; init; }

    /// <summary>What was chosen for the whole model, such as <c>ranges</c> → <c>MinMax</c>.</summary>
    public IReadOnlyDictionary<string, string> Choices { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether nothing of the model is in other numbers than the source, whatever <see cref="Precision"/> was asked for.</summary>
    public bool StaysInFloat => Choices.GetValueOrDefault(ComputesWith) == Float;

    /// <summary>Layers that are treated unlike the others, by the name of their first output in the prepared model, such as <c>conv1_out</c> → <see cref="Float"/>.</summary>
    public IReadOnlyDictionary<string, string> Layers { get; init; } = new Dictionary<string, string>();

    /// <summary>The layers with that word.</summary>
    public IReadOnlySet<string> LayersWith(string word) => Layers.Where(layer => layer.Value == word).Select(layer => layer.Key).ToHashSet(StringComparer.Ordinal);

    /// <summary>For people: the precision, what was chosen, and how many layers differ.</summary>
    public override string ToString()
    {
        var parts = new List<string> { Precision.ToString() };
        parts.AddRange(Choices.Select(choice => $"{choice.Key} {choice.Value}"));
        if (Layers.Count > 0) parts.Add($"{Layers.Count} layers treated unlike the others");
        return string.Join(", ", parts);
    }
}
