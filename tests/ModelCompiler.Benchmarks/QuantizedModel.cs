using ModelCompiler.Benchmarks.Shapes;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;

namespace ModelCompiler.Benchmarks;

/// <summary>A model to quantize: its file, samples to calibrate with, and labelled ones where it was trained.</summary>
internal sealed record QuantizedModel(string Name, string Path, string Calibration, string? Evaluation)
{
    private const int SampleCount = 50;

    public SampleSet Samples => SampleSet.Open(Calibration, SampleInput.Of(OnnxReader.Read(Path)));

    /// <summary>The models of a folder of one's own, with the samples that lie beside each (<c>&lt;name&gt;.npz</c>) or random ones, or of the benchmark's own those whose name contains a word.</summary>
    /// <param name="folder">Where what is measured is written.</param>
    /// <param name="wordOrFolder">The word, empty for all, or the folder.</param>
    public static IEnumerable<QuantizedModel> Of(string folder, string wordOrFolder) => Directory.Exists(wordOrFolder) ? In(wordOrFolder, folder) : All(folder, wordOrFolder);

    private static IEnumerable<QuantizedModel> In(string source, string folder)
    {
        foreach (string path in Directory.GetFiles(source, "*.onnx").Order(StringComparer.Ordinal))
        {
            string samples = System.IO.Path.ChangeExtension(path, ".npz");
            QuantizedModel model = Of(System.IO.Path.GetFileNameWithoutExtension(path), folder, OnnxReader.Read(path));
            yield return File.Exists(samples) ? model with { Calibration = samples } : model;
        }
    }

    /// <summary>Trained models first, then public ones, then shapes with random weights, written to a folder; those whose name contains a word.</summary>
    public static IEnumerable<QuantizedModel> All(string folder, string word)
    {
        string digits = System.IO.Path.Combine(PublicModels.RepositoryRoot, "samples", "DigitClassifier");
        string trained = System.IO.Path.Combine(PublicModels.RepositoryRoot, "tests", "ModelCompiler.Benchmarks", "Trained");
        foreach (string path in (string[])[System.IO.Path.Combine(digits, "models", "digits.onnx"), .. Directory.GetFiles(trained, "*.onnx").Order(StringComparer.Ordinal)])
        {
            string copy = System.IO.Path.Combine(folder, System.IO.Path.GetFileName(path)), name = System.IO.Path.GetFileNameWithoutExtension(path);
            if (!IsMeant(name)) continue;
            File.Copy(path, copy, overwrite: true);
            (string data, string prefix) = name.StartsWith("tabular", StringComparison.Ordinal) ? (trained, "tabular-") : (System.IO.Path.Combine(digits, "data"), "");
            yield return new QuantizedModel(name, copy, System.IO.Path.Combine(data, prefix + "calibration.npz"), System.IO.Path.Combine(data, prefix + "evaluation.npz"));
        }
        foreach (PublicModel published in ((PublicModel[])[PublicModels.Recognizer, PublicModels.Classifier, PublicModels.WakeWord, PublicModels.FaceDetector]).Where(model => IsMeant(model.Name)))
            yield return Of(published.Name, folder, OnnxReader.Read(PublicModels.PathOf(published)));
        foreach (var (name, build) in ModelShapes.All.Where(shape => IsMeant(shape.Key))) yield return Of(name, folder, build());

        bool IsMeant(string name) => name.Contains(word, StringComparison.Ordinal);
    }

    private static QuantizedModel Of(string name, string folder, Model model)
    {
        string path = System.IO.Path.Combine(folder, name + ".onnx"), samples = System.IO.Path.Combine(folder, name + ".npz");
        OnnxWriter.Write(model, path);
        using InferenceSession session = InferenceSession.Open(path);
        File.WriteAllBytes(samples, NumpyFiles.Npz([.. Enumerable.Range(0, session.Inputs.Count).Select(i => Array(session, i))]));
        return new QuantizedModel(name, path, samples, null);
    }

    /// <summary>Samples of one input: normal numbers, and tokens of a vocabulary.</summary>
    private static (string Name, byte[] Npy) Array(InferenceSession session, int index)
    {
        TensorInfo input = session.Inputs[index];
        TensorBuffer one = ExampleInputs.Of(session)[index].Value;
        // An input without a batch dimension takes an array of one more.
        long[] shape = input.Shape![0] == -1 ? [SampleCount, .. one.Shape[1..]] : [SampleCount, .. input.Shape[0] == 1 ? one.Shape[1..] : one.Shape];
        var random = new Random(1 + index);
        long count = shape.Aggregate(1L, (product, size) => product * size);
        if (input.ElementType == TensorElementType.Int64)
            return (input.Name, NumpyFiles.Npy<long>([.. Enumerable.Range(0, (int)count).Select(_ => random.NextInt64(4000))], shape));
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)random.NextNormal();
        return (input.Name, NumpyFiles.Npy<float>(values, shape));
    }
}
