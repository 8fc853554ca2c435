using ModelCompiler.Onnx.Inference;

namespace ModelCompiler.Onnx;

/// <summary>
/// Type and shape inference: sets <see cref="Value.Type"/> of every value as precisely as the operators allow. A type that is already there fills
/// what the operators leave open; what they tell wins over a declaration, for exporters declare the sizes of the sample that they traced.
/// </summary>
public static class ShapeInference
{
    /// <summary>Infers the types of all values, subgraphs included. Nodes that are out of order are sorted first.</summary>
    public static InferenceResult InferTypes(this Model model) => Infer(model);

    /// <inheritdoc cref="InferTypes"/>
    public static InferenceResult Infer(Model model)
    {
        var engine = new InferenceEngine(model);
        engine.InferMainGraph();
        return new InferenceResult(engine.Issues);
    }

    /// <summary>Infers the outputs of one node from the types of its inputs: for a pass to type what it adds, in the order in which it adds it.</summary>
    public static InferenceResult InferNode(this Model model, Node node)
    {
        var engine = new InferenceEngine(model);
        engine.InferNode(node);
        return new InferenceResult(engine.Issues);
    }

    /// <summary>
    /// The elements of a small tensor of integers (or of integral floats), row-major, as far as inference knows them: numbers, expressions over
    /// dimensions, or unknown. Null where nothing is known of any.
    /// </summary>
    public static IReadOnlyList<IntegerExpression>? KnownElements(this Value value) => TensorElements.Of(value);
}
