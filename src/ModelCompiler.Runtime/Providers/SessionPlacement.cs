using System.Globalization;

namespace ModelCompiler.Runtime;

/// <summary>Where a session runs: which providers were taken, and which nodes each of them runs.</summary>
public sealed record SessionPlacement
{
    /// <summary>The providers that were asked for, in order of preference, and what became of each.</summary>
    public required IReadOnlyList<ProviderDecision> Decisions { get; init; }

    /// <summary>
    /// The number of nodes by provider, under ONNX Runtime's names, the largest first, after its optimizations and with subgraphs; empty where
    /// nothing was asked for but the CPU (see <see cref="SessionOptions.RecordPlacement"/>).
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, int>> Counts { get; init; } = [];

    /// <summary>The nodes of each graph that several providers share; a graph that one provider runs is only counted.</summary>
    public IReadOnlyList<PlacedNode> Nodes { get; init; } = [];

    /// <summary>The number of nodes that a provider runs.</summary>
    public int CountOf(ExecutionProvider provider) => Counts.FirstOrDefault(count => count.Key == ProviderDescription.Of(provider).RuntimeName).Value;

    /// <summary>One line for each provider that was asked for, and one for the nodes.</summary>
    public override string ToString()
    {
        var lines = Decisions.Select(decision => decision.ToString());
        return string.Join('\n', Counts.Count == 0 ? lines : lines.Append("Nodes: " + CountText()));
    }

    /// <summary>As in <c>CUDAExecutionProvider 12, CPUExecutionProvider 3</c>.</summary>
    public string CountText() => string.Join(", ", Counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key} {count.Value}")));
}
