using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>
/// The error that a range of one tensor causes where it is read: Σ (y − ŷ)² / Σ y² over the next products behind it, with everything else in floating
/// point. Clipping moves all of a window the same way, and a product adds that up, where rounding averages out: the error of the tensor itself does
/// not tell. ONNX Runtime computes all of it, in a copy of the graph that has what reads each tensor once more for each range.
/// </summary>
internal static class ReaderError
{
    /// <summary>Nodes behind a tensor that are looked at.</summary>
    private const int Reach = 8;

    /// <summary>
    /// The few runs take no longer as the graph is, of whose thousands of nodes rewriting takes several times as long as loading them. Weights are shared by all copies, unless
    /// kernels bring them into a form of their own.
    /// </summary>
    private static readonly SessionOptions Options = ModelImage.ForFewRuns with
    {
        GraphOptimization = GraphOptimization.None,
        ConfigEntries = new Dictionary<string, string> { ["session.disable_prepacking"] = "1" },
    };

    /// <summary>Measures ranges of tensors.</summary>
    /// <param name="model">The model in floating point.</param>
    /// <param name="candidates">Values of the main graph, with the ranges to try.</param>
    /// <param name="map">How a range becomes integers.</param>
    /// <param name="samples">Inputs by name, read one after the other: their memory may be that of the one before.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    /// <returns>The errors in the order of the candidates and their ranges.</returns>
    public static double[][] Measure(
        Model model,
        IReadOnlyList<(Value Value, ValueRange[] Ranges)> candidates,
        Func<ValueRange, QuantizationParameters> map,
        IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples,
        CancellationToken cancellationToken)
    {
        var order = new Dictionary<Node, int>();
        foreach (Node node in model.Graph.Nodes) order.Add(node, order.Count);
        double[][] errors = [.. candidates.Select(candidate => new double[candidate.Ranges.Length])];
        if (candidates.Count == 0) return errors;
        var copy = new ProbedModel(model);
        for (int i = 0; i < candidates.Count; i++) copy.Add(i, candidates[i].Value, Readers(candidates[i].Value, order), candidates[i].Ranges, map);
        copy.Run(samples, errors, cancellationToken);
        return errors;
    }

    /// <summary>The nodes that a tensor goes through until products have read it, in the order of the graph.</summary>
    private static Node[] Readers(Value value, Dictionary<Node, int> order)
    {
        var readers = new HashSet<Node>();
        var queue = new Queue<Value>([value]);
        while (queue.TryDequeue(out Value? at))
        {
            foreach (Use use in at.Uses)
            {
                Node node = use.Node;
                if (readers.Count == Reach || !order.ContainsKey(node) || node.Subgraphs.Any()) continue;
                if (node.Outputs.ToArray().Any(output => output.ElementType != ElementType.Float) || !readers.Add(node) || IsProduct(node)) continue;
                foreach (Value output in node.Outputs) queue.Enqueue(output);
            }
        }
        return [.. readers.OrderBy(node => order[node])];
    }

    private static bool IsProduct(Node node) => node.Is("Conv") || node.Is("Gemm") || node.Is("MatMul") || node.Is("ConvTranspose");

    /// <summary>A copy of the model whose outputs are the sums of squares that are wanted.</summary>
    private sealed class ProbedModel
    {
        private readonly Model _model;
        private readonly Dictionary<string, Value> _values = [];
        private readonly List<(int Candidate, int Range, string Error, string Signal)> _probes = [];

        public ProbedModel(Model model)
        {
            _model = model.Clone();
            while (_model.Graph.Outputs.Count > 0) _model.Graph.RemoveOutput(0);
            foreach (Value value in _model.Graph.Values()) _values.TryAdd(value.Name, value);
        }

        private Graph Graph => _model.Graph;

        public void Add(int candidate, Value value, Node[] readers, ValueRange[] ranges, Func<ValueRange, QuantizationParameters> map)
        {
            var known = readers.ToHashSet();
            // What leaves the part that is copied: behind a product, or beyond the reach.
            Value[] ends = [.. readers.SelectMany(node => node.Outputs.ToArray()).Where(output => output.IsOutput || output.Uses.Count == 0 || output.Uses.Any(use => !known.Contains(use.Node)))];
            if (ends.Length == 0) ends = [value];
            string[] signals = [.. ends.Select(end => SumOfSquares(_values[end.Name]))];
            for (int range = 0; range < ranges.Length; range++)
            {
                Dictionary<string, Value> copies = Copy(value, readers, map(ranges[range]));
                for (int i = 0; i < ends.Length; i++)
                {
                    Value difference = Output("Sub", _values[ends[i].Name], copies[ends[i].Name]);
                    _probes.Add((candidate, range, SumOfSquares(difference), signals[i]));
                }
            }
        }

        public void Run(IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, double[][] errors, CancellationToken cancellationToken)
        {
            // What lies behind the last of the tensors is none of theirs.
            DeadCode.RemoveFrom(Graph);
            using ModelImage image = ModelImage.Mapped(_model);
            using InferenceSession session = image.Open(Options);
            string[] names = [.. Graph.Outputs.Select(output => output.Name)];
            var sums = names.ToDictionary(name => name, _ => 0.0);
            foreach (IReadOnlyList<(string, TensorBuffer)> sample in samples)
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach ((string name, TensorBuffer sum) in names.Zip(session.Run(sample, names, cancellationToken))) sums[name] += sum.AsSpan<float>()[0];
            }
            foreach ((int candidate, int range, string error, string signal) in _probes)
                errors[candidate][range] += sums[error] / Math.Max(sums[signal], double.Epsilon);
        }

        private Dictionary<string, Value> Copy(Value value, Node[] readers, QuantizationParameters parameters)
        {
            Value scale = Graph.AddInitializer("scale", Tensor.Scalar(parameters.Scale));
            Value zeroPoint = Graph.AddInitializer("zero_point", new Tensor(parameters.Type, [], new[] { (byte)parameters.ZeroPoint }));
            Value integers = Output("QuantizeLinear", _values[value.Name], scale, zeroPoint);
            var copies = new Dictionary<string, Value> { [value.Name] = Output("DequantizeLinear", integers, scale, zeroPoint) };
            foreach (Node reader in readers)
            {
                Value?[] inputs = [.. reader.Inputs.ToArray().Select(input => input is null ? null : copies.GetValueOrDefault(input.Name) ?? _values[input.Name])];
                Node copy = Graph.AddNode(reader.OpType, inputs, reader.Outputs.Length, reader.Domain);
                foreach (NodeAttribute attribute in reader.Attributes) copy.Attributes.Set(attribute);
                for (int i = 0; i < copy.Outputs.Length; i++) copies.Add(reader.Outputs[i].Name, copy.Outputs[i]);
            }
            return copies;
        }

        private string SumOfSquares(Value value)
        {
            Node sum = Graph.AddNode("ReduceSumSquare", [value]);
            sum.Attributes.Set("keepdims", 0);
            sum.Output.Type = new TensorType(ElementType.Float, Shape.Of());
            Graph.AddOutput(sum.Output);
            return sum.Output.Name;
        }

        private Value Output(string opType, params ReadOnlySpan<Value?> inputs) => Graph.AddNode(opType, inputs).Output;
    }
}
