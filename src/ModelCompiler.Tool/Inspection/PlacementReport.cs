using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Tool.Inspection;

/// <summary>A node that a report names.</summary>
internal sealed record PlacementNode(string Name, string Operator, string Provider);

/// <summary>Where a model will run: as ONNX Runtime itself divides it where a provider of the list is on this machine, else as tables have it.</summary>
internal sealed record PlacementReport
{
    /// <summary>In order of preference.</summary>
    public required IReadOnlyList<ExecutionProvider> ExecutionProviders { get; init; }

    /// <summary>Whether ONNX Runtime divided the graph for a provider of the list; otherwise nothing but <see cref="Unsupported"/> is known of it.</summary>
    public required bool IsMeasured { get; init; }

    /// <summary>The providers that cannot be used on this machine, and why.</summary>
    public required IReadOnlyDictionary<ExecutionProvider, string> Unavailable { get; init; }

    /// <summary>The number of nodes by provider on this machine, ONNX Runtime's names.</summary>
    public required IReadOnlyDictionary<string, int> Nodes { get; init; }

    /// <summary>The nodes that the CPU runs beside another provider, without those that compute shapes.</summary>
    public required IReadOnlyList<PlacementNode> OnCpu { get; init; }

    /// <summary>Without a measurement: what the first provider of the list does not run, by its table.</summary>
    public required IReadOnlyList<UnsupportedOperator> Unsupported { get; init; }

    /// <summary>Nodes of the graph and its subgraphs, as they stand in the file.</summary>
    public required int GraphNodes { get; init; }

    /// <summary>Names of the nodes that compute shapes.</summary>
    public required IReadOnlyList<string> ShapeNodes { get; init; }

    /// <summary>How the answers on the providers agree with the CPU's; null where no provider is here, or nothing was compared.</summary>
    public Agreement? Answers { get; init; }

    /// <summary>Why the answers could not be compared although a provider is here; null where they were.</summary>
    public string? AnswersMissing { get; init; }

    /// <summary>Opens a session on a model file, and divides its graph.</summary>
    /// <param name="path">The file.</param>
    /// <param name="choices">The providers, in order of preference.</param>
    /// <param name="artefacts">Where what they compile is kept; null for nowhere.</param>
    /// <param name="compare">Compares the session's answers, where it is not the CPU's; null for not.</param>
    /// <exception cref="CompilerException">The file is no model.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses it.</exception>
    public static PlacementReport Of(string path, IReadOnlyList<ExecutionProviderChoice> choices, ArtefactOptions? artefacts = null, Func<InferenceSession, Agreement?>? compare = null)
    {
        Model model = OnnxReader.Read(path);
        model.InferTypes();
        string[] shapeNodes = [.. Optimizer.Targets.ShapeNodes.Of(model.Graph).Select(node => node.Name)];
        // With the CPU at the end nothing is refused: what a program would refuse is to be seen.
        var options = new SessionOptions
        {
            ExecutionProviders = [.. choices.Where(choice => choice.Provider != ExecutionProvider.Cpu), new(ExecutionProvider.Cpu)],
            RecordPlacement = true,
            Artefacts = artefacts,
        };
        using InferenceSession session = InferenceSession.Open(path, options);
        SessionPlacement placement = session.Placement;
        bool isElsewhere = placement.Decisions.Any(decision => decision.IsUsed && decision.Provider != ExecutionProvider.Cpu);
        bool isMeasured = choices[0].Provider == ExecutionProvider.Cpu || isElsewhere;
        (Agreement? answers, string? missing) = isElsewhere && compare is not null ? Compare(session, compare) : (null, null);
        return new PlacementReport
        {
            Answers = answers,
            AnswersMissing = missing,
            ExecutionProviders = [.. choices.Select(choice => choice.Provider)],
            IsMeasured = isMeasured,
            Unavailable = placement.Decisions.Where(decision => !decision.IsUsed).ToDictionary(decision => decision.Provider, decision => decision.Problem!),
            Nodes = placement.Counts.ToDictionary(),
            OnCpu = isMeasured ? OnCpuOf(placement, shapeNodes) : [],
            Unsupported = isMeasured ? [] : PlacementForecast.Of(model.Graph, ProviderTargets.Of(choices[0].Provider)),
            GraphNodes = model.Graph.AllNodes().Count(),
            ShapeNodes = shapeNodes,
        };
    }

    private static (Agreement? Answers, string? Missing) Compare(InferenceSession session, Func<InferenceSession, Agreement?> compare)
    {
        try
        {
            Agreement? answers = compare(session);
            return (answers, answers is null ? "there are no samples, and it runs on no random input that was tried." : null);
        }
        catch (ModelCompilerException e)
        {
            // The device of this machine need not be the one that the program will meet.
            return (null, e.Message);
        }
    }

    private static PlacementNode[] OnCpuOf(SessionPlacement placement, string[] shapeNodes)
    {
        string cpu = ProviderDescription.Of(ExecutionProvider.Cpu).RuntimeName;
        return [.. placement.Nodes.Where(node => node.Provider == cpu && !shapeNodes.Contains(node.Name)).Select(node => new PlacementNode(node.Name, node.Operator, node.Provider))];
    }
}
