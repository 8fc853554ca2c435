using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Tests;

/// <summary>Manifests to generate from.</summary>
internal static class TestManifests
{
    public static readonly string Hash = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    public static ModelManifest Digits { get; } = Of("digits", [Tensor("input", 1, 1, 28, 28)], [Tensor("logits", 1, 10)]);

    public static ModelManifest Of(string name, ManifestValue[] inputs, ManifestValue[] outputs) => new()
    {
        Name = name,
        Namespace = "My.App",
        Model = new ManifestFile(name + ".onnx", 1234, Hash),
        Source = new ManifestFile(name + ".onnx", 5678, Hash),
        ToolVersion = "0.1.0",
        MinimumRuntimeVersion = "0.1.0",
        MinimumOrtApiVersion = 20,
        Precision = "Int8",
        ExecutionProviders = new(["Cpu"]),
        Opset = 21,
        Inputs = new(inputs),
        Outputs = new(outputs),
    };

    /// <summary>A float32 tensor; a dimension is a number, a symbol, or null.</summary>
    public static ManifestValue Tensor(string name, params object?[] shape) => new()
    {
        Name = name,
        ElementType = ManifestElementType.Float32,
        Shape = new(shape.Select(Dimension)),
    };

    public static ManifestValue Tensor(string name, ManifestElementType type, params object?[] shape) => Tensor(name, shape) with { ElementType = type };

    private static ManifestDimension Dimension(object? dimension) => dimension switch
    {
        int value => ManifestDimension.Fixed(value),
        string symbol => ManifestDimension.Symbolic(symbol),
        _ => ManifestDimension.Unknown,
    };
}
