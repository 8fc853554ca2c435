using ModelCompiler.Runtime;

namespace ModelCompiler.Onnx.Tests.Inference;

/// <summary>The types that values have when ONNX Runtime runs a model: what inference must agree with.</summary>
internal static class RuntimeShapes
{
    /// <summary>Runs a model on inputs of the given sizes, all zeros, and tells the type of each output of the graph.</summary>
    public static TensorType[] Run(Model model, IReadOnlyDictionary<string, Dim> sizes)
    {
        using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(model), new SessionOptions { GraphOptimization = GraphOptimization.None, LogSeverity = LogSeverity.Fatal });
        var inputs = new List<(string, TensorBuffer)>();
        foreach (Value input in model.Graph.Inputs)
            if (input.Initializer is null) inputs.Add((input.Name, Zeros((TensorType)input.Type!, sizes)));
        return Array.ConvertAll(session.Run(inputs), output => new TensorType((ElementType)output.ElementType, Shape.Of(output.Shape)));
    }

    /// <summary>A shape with its symbols replaced.</summary>
    public static Shape At(Shape shape, IReadOnlyDictionary<string, Dim> sizes) => new(Array.ConvertAll(shape.Dims.ToArray(), dim => dim.Substitute(sizes)));

    private static TensorBuffer Zeros(TensorType type, IReadOnlyDictionary<string, Dim> sizes)
    {
        long[] dims = At(type.Shape!, sizes).ToArray();
        if (type.ElementType != ElementType.String) return TensorBuffer.Create((TensorElementType)type.ElementType, dims);
        return TensorBuffer.Create(dims, [.. Enumerable.Repeat("", (int)dims.Aggregate(1L, (a, b) => a * b))]);
    }
}
