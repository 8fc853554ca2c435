using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>Runs a model on samples and gathers the <see cref="InputGram"/> of its products. Memory holds one sample's tensors.</summary>
internal static class GramCalibration
{
    /// <summary>Vectors of each product, over all samples: several times the size of a block.</summary>
    private const int Vectors = 1024;

    /// <summary>Of a convolution in groups, each of which has vectors of its own and few weights: more times their number than of a block, and less in all.</summary>
    private const int FewestVectors = 256, VectorsPerWeight = 16;

    private const int Samples = 16;

    /// <summary>The matrices by the name of the products' first outputs; products whose inputs cannot be looked at have none, those that read one tensor share theirs, and those that share weights the sum of theirs.</summary>
    /// <param name="model">The model in floating point; it is as before when the method returns.</param>
    /// <param name="products">Conv, Gemm and MatMul nodes of the model.</param>
    /// <param name="samples">Inputs by name.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    public static Dictionary<string, InputGram> Measure(
        Model model, IEnumerable<Node> products, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        var grams = new Dictionary<string, InputGram>();
        var readers = new List<(string Input, InputVectors Vectors, InputGram Gram)>();
        var shared = new Dictionary<(string Input, int Depth), InputGram>();
        var towers = new Dictionary<(Value Weights, string OpType, int Groups, int Depth), InputGram>();
        foreach (Node node in products)
        {
            if (!ReferenceEquals(node.Graph, model.Graph) || InputVectors.Of(node) is not { } vectors || node.Inputs[0] is not { Initializer: null } input) continue;
            if (node.Inputs[1]!.Uses.Count > 1)
            {
                var tower = (node.Inputs[1]!, node.OpType, vectors.Groups, vectors.Depth);
                if (!towers.TryGetValue(tower, out InputGram? sum)) towers.Add(tower, sum = new InputGram(vectors.Groups, vectors.Depth));
                readers.Add((input.Name, vectors, sum));
                grams.Add(node.Outputs[0].Name, sum);
                continue;
            }
            var key = (input.Name, vectors.Depth);
            if (node.Is("Conv") || !shared.TryGetValue(key, out InputGram? gram))
            {
                gram = new InputGram(vectors.Groups, vectors.Depth);
                readers.Add((input.Name, vectors, gram));
                if (!node.Is("Conv")) shared.Add(key, gram);
            }
            grams.Add(node.Outputs[0].Name, gram);
        }
        Fill(model, readers, samples, cancellationToken);
        return grams;
    }

    private static void Fill(
        Model model, List<(string Input, InputVectors Vectors, InputGram Gram)> readers, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        // Each thread fills its own: the order of a product's vectors is that of the samples, however many threads there are.
        IGrouping<InputGram, (string Input, InputVectors Vectors, InputGram Gram)>[] groups = [.. readers.GroupBy(reader => reader.Gram)];
        using var session = TappedSession.Open(model, readers.Select(reader => reader.Input), GraphOptimization.All);
        foreach (IReadOnlyList<(string Name, TensorBuffer Value)> sample in samples.Take(Samples))
        {
            session.Run(sample, cancellationToken);
            Parallel.ForEach(groups, group =>
            {
                foreach ((string input, InputVectors vectors, InputGram gram) in group) vectors.AddTo(gram, session.Elements(input), session.Shape(input), VectorsOf(vectors) / Samples);
            });
        }
    }

    private static int VectorsOf(InputVectors vectors) => vectors.Groups == 1 ? Vectors : Math.Clamp(VectorsPerWeight * vectors.Depth, FewestVectors, Vectors);
}
