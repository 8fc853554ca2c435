using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// Constants of the same type, dimensions and bytes become one: in one graph, and one of a subgraph becomes that of a graph around it. Not the statistics of a
/// BatchNormalization in training mode: ONNX Runtime writes the new ones into them, and what else read them would change from run to run.
/// </summary>
/// <param name="leastBytes">Smaller ones stay as they are.</param>
public sealed class DuplicateInitializers(long leastBytes = 0) : IPass
{
    // What is hashed of a large constant, at either end: it may lie in a file. Only those that agree so far are compared in whole.
    private const int SampleBytes = 4096;

    /// <summary>The inputs of a BatchNormalization that are the running mean and variance.</summary>
    private static readonly int[] Statistics = [3, 4];

    /// <inheritdoc/>
    public string Name => "duplicate-initializers";

    /// <inheritdoc/>
    public bool KeepsTypes => true;

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        HashSet<Value> own = [.. context.Graph.AllNodes().Where(IsInTraining).SelectMany(node => Statistics.Select(node.Input)).OfType<Value>()];
        // What OwnIntegers divides stays divided.
        if (ExactIntegers.MayBeNeeded(context.Model))
            own.UnionWith(context.Graph.AllNodes().SelectMany(node => ExactIntegers.IntegersOf(node).Select(input => node.Input(input)!)));
        Visit(context.Graph, [], own, context);
    }

    private static bool IsInTraining(Node node) => node.Is("BatchNormalization") && node.Attributes.GetInt("training_mode", 0) != 0;

    private void Visit(Graph graph, Dictionary<int, List<Value>> seen, HashSet<Value> kept, PassContext context)
    {
        var own = new List<(int Hash, Value Value)>();
        foreach (Value value in graph.Initializers.ToList())
        {
            if (context.IsExhausted) return;
            if (kept.Contains(value) || (leastBytes > 0 && value.Initializer!.Data.Length < leastBytes)) continue;
            int hash = Hash(value.Initializer!);
            if (!seen.TryGetValue(hash, out List<Value>? alike)) seen.Add(hash, alike = []);
            if (alike.Find(other => AttributeContent.AreSame(other.Initializer!, value.Initializer!)) is { } first)
            {
                Merge(value, first, context);
            }
            else
            {
                alike.Add(value);
                own.Add((hash, value));
            }
        }
        foreach (Node node in graph.Nodes)
            foreach (Graph subgraph in node.Subgraphs) Visit(subgraph, seen, kept, context);
        // Siblings do not see each other's constants.
        foreach ((int hash, Value value) in own) seen[hash].Remove(value);
    }

    private static void Merge(Value value, Value first, PassContext context)
    {
        // Handed to the outside under its own name, it stays.
        if (value.IsOutput) return;
        value.Graph.ReplaceAllUses(value, first);
        value.Graph.RemoveInitializer(value);
        context.Changed(value.Name, $"has the same content as '{first}'");
    }

    private static int Hash(Tensor tensor)
    {
        var hash = new HashCode();
        hash.Add(tensor.ElementType);
        foreach (long dim in tensor.Dims) hash.Add(dim);
        if (tensor.ElementType == ElementType.String) return hash.ToHashCode();
        Span<byte> sample = stackalloc byte[(int)Math.Min(tensor.Data.Length, SampleBytes)];
        tensor.Data.Read(0, sample);
        hash.AddBytes(sample);
        tensor.Data.Read(tensor.Data.Length - sample.Length, sample);
        hash.AddBytes(sample);
        return hash.ToHashCode();
    }
}
