using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Passes.Folding;

/// <summary>Computes nodes that depend on nothing but constants: a model of them is run once by ONNX Runtime, without its optimizations.</summary>
internal sealed class ConstantEvaluator(Model model)
{
    // Small constants stand in the model, where kernels may want to see them when they are made; large ones are inputs and not copied.
    private const long MaxEmbeddedBytes = 1024;

    // What ONNX Runtime takes to open a session grows with the square of the number of nodes.
    private const int MaxNodes = 1024;

    // A session holds its inputs and outputs once more.
    private const long MaxSessionBytes = 64 << 20;

    private static readonly SessionOptions Options = new() { GraphOptimization = GraphOptimization.None, UseCpuArena = false, LogSeverity = LogSeverity.Fatal };

    private readonly Dictionary<Value, Tensor> _results = [];
    private readonly Dictionary<Node, string> _failures = [];

    /// <summary>Nodes that ONNX Runtime refused, and why.</summary>
    public IReadOnlyDictionary<Node, string> Failures => _failures;

    /// <summary>Whether ONNX Runtime has tensors of that type.</summary>
    public static bool IsRunnable(ElementType type) => type is > ElementType.Undefined and <= ElementType.Int4;

    /// <summary>The constant that a value is, or null where it was not computed or is read by computed nodes only.</summary>
    public Tensor? Find(Value value) => value.Initializer ?? _results.GetValueOrDefault(value);

    /// <summary>
    /// Computes nodes in topological order. One that fails fails all that are in its session: then each half is tried, down to the node at fault.
    /// </summary>
    public void Evaluate(IReadOnlyList<Node> nodes)
    {
        var batch = new List<Node>();
        long bytes = 0;
        foreach (Node node in nodes)
        {
            long size = BytesOf(node);
            if (batch.Count == MaxNodes || (batch.Count > 0 && bytes + size > MaxSessionBytes))
            {
                EvaluateBatch(batch);
                batch.Clear();
                bytes = 0;
            }
            batch.Add(node);
            bytes += size;
        }
        EvaluateBatch(batch);
    }

    private static long BytesOf(Node node)
    {
        long bytes = 0;
        foreach (Value? input in node.Inputs) bytes += input is null ? 0 : ResultSize.Of(input) ?? 0;
        foreach (Value output in node.Outputs) bytes += ResultSize.Of(output) ?? 0;
        return bytes;
    }

    private void EvaluateBatch(IReadOnlyList<Node> nodes)
    {
        nodes = Computable(nodes);
        if (nodes.Count == 0) return;
        try
        {
            Run(nodes);
        }
        catch (OnnxRuntimeException e) when (nodes.Count == 1)
        {
            _failures.Add(nodes[0], e.Message);
        }
        catch (OnnxRuntimeException)
        {
            int half = nodes.Count / 2;
            EvaluateBatch([.. nodes.Take(half)]);
            EvaluateBatch([.. nodes.Skip(half)]);
        }
    }

    /// <summary>Without those that depend on a node that failed.</summary>
    private List<Node> Computable(IReadOnlyList<Node> nodes)
    {
        var result = new List<Node>(nodes.Count);
        var produced = new HashSet<Value>();
        foreach (Node node in nodes)
        {
            bool isComputable = true;
            foreach (Value? input in node.Inputs) isComputable &= input is null || Find(input) is not null || produced.Contains(input);
            if (!isComputable) continue;
            result.Add(node);
            foreach (Value output in node.Outputs) produced.Add(output);
        }
        return result;
    }

    private void Run(IReadOnlyList<Node> nodes)
    {
        var builder = new SubmodelBuilder(model, this);
        foreach (Node node in nodes) builder.Add(node);
        Value[] results = builder.MarkOutputs(nodes);
        if (results.Length == 0) return;
        using var session = InferenceSession.Open(builder.ToBytes(), Options);
        TensorBuffer[] buffers = session.Run(builder.Feeds);
        for (int i = 0; i < results.Length; i++) _results.Add(results[i], TensorExchange.ToTensor(buffers[i]));
    }

    /// <summary>Copies nodes into a model of their own.</summary>
    private sealed class SubmodelBuilder
    {
        private readonly Model _copy = new(new Graph("constants"));
        private readonly Dictionary<Value, Value> _map = [];
        private readonly ConstantEvaluator _constants;

        public SubmodelBuilder(Model model, ConstantEvaluator constants)
        {
            _constants = constants;
            _copy.IrVersion = model.IrVersion;
            foreach ((string domain, long version) in model.Opsets) _copy.Opsets[domain] = version;
        }

        public List<(string Name, TensorBuffer Value)> Feeds { get; } = [];

        public void Add(Node node)
        {
            Value?[] inputs = [.. node.Inputs.ToArray().Select(input => input is null ? null : Map(input))];
            string[] outputs = [.. node.Outputs.ToArray().Select((output, i) => output.Name.Length == 0 ? "" : $"v{_map.Count + i}")];
            Node copy = _copy.Graph.AddNode(node.OpType, inputs, outputs, node.Domain, node.Name);
            foreach (NodeAttribute attribute in node.Attributes) copy.Attributes.Set(attribute);
            for (int i = 0; i < outputs.Length; i++)
            {
                copy.Outputs[i].Type = node.Outputs[i].Type;
                _map.Add(node.Outputs[i], copy.Outputs[i]);
            }
        }

        /// <summary>Makes outputs of the values that something else than <paramref name="nodes"/> reads.</summary>
        public Value[] MarkOutputs(IReadOnlyList<Node> nodes)
        {
            var inside = nodes.ToHashSet();
            var results = new List<Value>();
            foreach (Value value in nodes.SelectMany(node => node.Outputs.ToArray()))
            {
                if (!value.IsOutput && value.Uses.All(use => inside.Contains(use.Node))) continue;
                results.Add(value);
                _copy.Graph.AddOutput(_map[value]);
            }
            return [.. results];
        }

        public byte[] ToBytes() => OnnxWriter.ToBytes(_copy, new WriteOptions { InnerTypes = false });

        private Value Map(Value value)
        {
            if (_map.TryGetValue(value, out Value? copy)) return copy;
            Tensor tensor = _constants.Find(value)!;
            if (tensor.Data.Length <= MaxEmbeddedBytes && tensor.ElementType != ElementType.String)
            {
                copy = _copy.Graph.AddInitializer($"c{_map.Count}", tensor);
            }
            else
            {
                copy = _copy.Graph.AddInput($"c{_map.Count}", tensor.Type);
                Feeds.Add((copy.Name, TensorExchange.ToBuffer(tensor)));
            }
            _map.Add(value, copy);
            return copy;
        }
    }
}
