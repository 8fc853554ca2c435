using ModelCompiler.Diagnostics;

namespace ModelCompiler.Onnx;

/// <summary>
/// Raises the operator set of a model, version by version: an operator whose meaning stays the same (<see cref="OperatorSchema.IsCompatible"/>)
/// needs nothing, every other has a rule in <c>Rules/</c>.
/// </summary>
public static class OpsetConverter
{
    /// <summary>The oldest version that can be converted: before it, broadcasting was an attribute.</summary>
    public const long OldestOpset = 7;

    /// <summary>Raises ONNX's own operator set of <paramref name="model"/> and its functions to <paramref name="target"/>; newer ones stay as they are.</summary>
    /// <param name="model">A valid model; unchanged where conversion fails.</param>
    /// <param name="target">The version to reach, at most <see cref="OperatorSchemas.NewestOpset"/>.</param>
    /// <param name="purpose">What needs it, to begin a sentence.</param>
    /// <exception cref="CompilerException">A node has no rule, or its rule does not apply to it (OM3001).</exception>
    public static void Convert(Model model, long target, string purpose = "The compiler")
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target, OperatorSchemas.NewestOpset);
        long oldest = model.Functions.Select(f => f.Opsets.GetValueOrDefault("", target)).Append(model.Opset).Min();
        if (oldest >= target) return;
        // Tried on a copy first: half a conversion would be neither version.
        Model trial = model.Clone();
        if (TryConvert(trial, target) is { } refusal) throw new CompilerException(DiagnosticTable.OpsetConversionMissing, purpose, target, oldest, refusal);
        TryConvert(model, target);
        model.InferTypes();
    }

    /// <summary>Null, or what could not be converted.</summary>
    private static string? TryConvert(Model model, long target)
    {
        // Rules ask for element types and ranks.
        model.InferTypes();
        string? refusal = ConvertGraph(model.Graph, model.Opset, target);
        for (int i = 0; i < model.Functions.Count && refusal is null; i++)
        {
            if (!model.Functions[i].Opsets.TryGetValue("", out long version) || version >= target) continue;
            // Functions may be shared with other models.
            model.Functions[i] = model.Functions[i].Copy();
            refusal = ConvertGraph(model.Functions[i].Body, version, target);
            model.Functions[i].Opsets[""] = target;
        }
        model.Opsets[""] = Math.Max(model.Opset, target);
        model.IrVersion = Math.Max(model.IrVersion, IrVersionOf(target));
        return refusal;
    }

    private static string? ConvertGraph(Graph graph, long from, long target)
    {
        if (from < OldestOpset && from < target) return $"operator sets before {OldestOpset}";
        for (long version = from + 1; version <= target; version++)
        {
            List<Node> changed = [.. graph.AllNodes().Where(node => node.Domain.Length == 0 && ChangesAt(node.OpType, version))];
            foreach (Node node in changed)
                if (ConvertNode(node, version) is { } refusal) return refusal;
        }
        return null;
    }

    /// <summary>Whether the operator exists before <paramref name="version"/> and a node of it may need to be changed for it.</summary>
    private static bool ChangesAt(string opType, long version)
    {
        OperatorSchema[] history = OperatorSchemas.History("", opType);
        for (int i = 1; i < history.Length; i++)
            if (history[i].SinceVersion == version) return !history[i].IsCompatible;
        return false;
    }

    private static string? ConvertNode(Node node, long version)
    {
        string where = $"{node.OpType} (node '{node}')";
        if (OpsetRules.Find(node.OpType, version) is not { } rule) return where;
        return rule(node) is { } reason ? $"{where}: {reason}" : null;
    }

    /// <summary>The version of the file format that came with a version of the operator set; runtimes refuse newer sets in older files.</summary>
    private static long IrVersionOf(long opset) => opset switch
    {
        <= 8 => 3,
        9 => 4,
        10 => 5,
        11 => 6,
        <= 14 => 7,
        <= 18 => 8,
        <= 20 => 9,
        _ => 10,
    };
}
