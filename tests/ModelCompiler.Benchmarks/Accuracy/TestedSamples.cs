using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks.Accuracy;

/// <summary>Labelled samples that a trained network is tried on.</summary>
/// <param name="Samples">The samples.</param>
/// <param name="Cluster">How many after each other belong together, see <see cref="PairedDifference"/>.</param>
internal sealed record TestedSamples(SampleSet Samples, int Cluster)
{
    private const int Seed = 20261122, Most = 10_000;

    /// <summary>As they were trained on; with noise, and paler: calibration has no such ones.</summary>
    private static readonly (string Name, Func<float, Random, float> Change)[] Kinds =
    [
        ("as in training", (x, _) => x),
        ("with noise", (x, random) => x + 0.08f * (float)random.NextNormal()),
        ("paler", (x, _) => 0.7f * x),
    ];

    public static IEnumerable<string> Names => Kinds.Select(kind => kind.Name);

    /// <summary>The samples as the network was trained on, which calibration is from too.</summary>
    /// <param name="model">A trained network.</param>
    public static TestedSamples AsInTraining(QuantizedModel model) => All(model).First();

    /// <summary>The sets in the order of <see cref="Names"/>, kept beside the model.</summary>
    public static IEnumerable<TestedSamples> All(QuantizedModel model)
    {
        IReadOnlyList<SampleInput> inputs = SampleInput.Of(OnnxReader.Read(model.Path));
        bool isPicture = inputs[0].Shape is { Rank: 4 };
        int cluster = isPicture ? DigitVariants.PerDigit : 1;
        foreach ((string name, Func<float, Random, float> change) in Kinds)
        {
            string path = Path.Combine(Path.GetDirectoryName(model.Path)!, $"{(isPicture ? "digits" : "table")} {name} {cluster}.npz");
            if (!File.Exists(path)) Write(SampleSet.Open(model.Evaluation!, inputs), inputs[0].Name, isPicture, change, path);
            yield return new TestedSamples(SampleSet.Open(path, inputs), cluster);
        }
    }

    private static void Write(SampleSet samples, string input, bool isPicture, Func<float, Random, float> change, string path)
    {
        Random variation = new(Seed), changes = new(Seed);
        var numbers = new List<float>();
        var labels = new List<long>();
        long[] shape = [];
        foreach (SampleBatch sample in samples.Read().Take(isPicture ? Most / DigitVariants.PerDigit : Most))
        {
            shape = [.. sample[input].Shape[1..]];
            float[] given = sample[input].AsSpan<float>().ToArray();
            foreach (float[] variant in isPicture ? DigitVariants.Of(given, variation) : [given])
            {
                foreach (float number in variant) numbers.Add(isPicture ? Math.Clamp(change(number, changes), 0, 1) : change(number, changes));
                labels.Add(sample.Labels.Span[0]);
            }
        }
        byte[] array = NumpyFiles.Npy<float>(numbers.ToArray(), [labels.Count, .. shape]);
        File.WriteAllBytes(path, NumpyFiles.Npz((input, array), (SampleSet.LabelsName, NumpyFiles.Npy<long>(labels.ToArray(), labels.Count))));
    }
}
