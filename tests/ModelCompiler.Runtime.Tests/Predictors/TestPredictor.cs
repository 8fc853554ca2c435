using System.Security.Cryptography;

namespace ModelCompiler.Runtime.Tests.Predictors;

/// <summary>What the generator would make of a model with one input and one output of floats.</summary>
internal sealed class TestPredictor(PredictorDescription description, PredictorOptions? options = null) : Predictor(description, options)
{
    // Emptied by the first test of a process, so that runs do not pile up.
    private static readonly Lazy<string> Folder = new(() =>
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "test-models");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return "test-models";
    });

    public PredictionTensor<float> Predict(ReadOnlySpan<float> x, CancellationToken cancellationToken = default)
    {
        using var call = StartCall();
        call.SetInput(0, x);
        call.Run(cancellationToken);
        return call.GetOutput<float>(0);
    }

    /// <summary>The way of a request that reuses its memory: no result object.</summary>
    public float PredictFirst(ReadOnlySpan<float> x)
    {
        using var call = StartCall();
        call.SetInput(0, x);
        call.Run();
        return call.GetOutputSpan<float>(0)[0];
    }

    public PredictorCall Start() => StartCall();

    /// <summary>Writes the model where a build would have put it, and describes it.</summary>
    public static PredictorDescription Describe(byte[] model, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs)
    {
        string path = Path.Combine(Folder.Value, Guid.NewGuid().ToString("N"), "test.onnx");
        string full = Path.Combine(AppContext.BaseDirectory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, model);
        return new PredictorDescription
        {
            Model = new ModelFile(path, Convert.ToHexStringLower(SHA256.HashData(model))),
            Inputs = inputs,
            Outputs = outputs,
            MinimumRuntimeVersion = "0.1.0",
            MinimumOrtApiVersion = 15,
        };
    }
}
