using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;

namespace ModelCompiler.Tool.Tests.Support;

/// <summary>Small models and samples, written into a test's folder.</summary>
internal static class TestModels
{
    public const int Classes = 4;
    private const int Samples = 24;

    /// <summary>A classifier: image [N, 1, 6, 6] → Conv, BatchNormalization, Relu, Flatten, Gemm → scores [N, 4].</summary>
    public static Model Classifier(int seed = 1)
    {
        var b = new GraphBuilder();
        Value convolved = b.Op("Conv", [b.Input("image", Dim.Named("N"), 1, 6, 6), b.Weights(seed, 8, 1, 3, 3), b.Weights(seed + 1, 8)]);
        Value ones = b.Constant(Enumerable.Repeat(1f, 8).ToArray());
        Value normalized = b.Op("BatchNormalization", [convolved, ones, b.Weights(seed + 2, 8), b.Weights(seed + 3, 8), ones]);
        Value flat = b.Op("Flatten", [b.Op("Relu", [normalized])]);
        Value scores = b.Op("Gemm", [flat, b.Weights(seed + 4, Classes, 8 * 4 * 4), b.Weights(seed + 5, Classes)], new NodeAttribute("transB", 1L));
        b.Output("scores", scores, new TensorType(ElementType.Float, new Shape(Dim.Named("N"), Classes)));
        return b.Model;
    }

    public static string WriteClassifier(this Workspace folder, string name = "classifier.onnx", int seed = 1) => folder.Write(name, OnnxWriter.ToBytes(Classifier(seed)));

    /// <summary>Images for the classifier, with the classes that it gives them where labels are wanted.</summary>
    public static string WriteSamples(this Workspace folder, string name = "samples.npz", long[]? labels = null)
    {
        byte[] images = NumpyFiles.Npy<float>(TestTensors.Normal(9, Samples, 1, 6, 6).AsSpan<float>(), Samples, 1, 6, 6);
        return folder.Write(name, labels is null
            ? NumpyFiles.Npz(("image", images))
            : NumpyFiles.Npz(("image", images), ("labels", NumpyFiles.Npy<long>(labels, labels.Length))));
    }

    /// <summary>Labels of which a random quarter is right.</summary>
    public static long[] Labels { get; } = [.. Enumerable.Range(0, Samples).Select(i => (long)i % Classes)];
}
