using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Sessions;

/// <summary>
/// A model whose large constants are inputs of its main graph: ONNX Runtime checks its operators and types and fuses what it would fuse, and no
/// weight is read.
/// </summary>
internal static class WeightlessModel
{
    // Smaller ones may be shapes, axes and the like, which must be constant.
    private const long SmallBytes = 64 << 10;

    /// <summary>The file of that model. The given one is not changed.</summary>
    public static byte[] ToBytes(Model model)
    {
        Model copy = model.Clone();
        foreach (Graph graph in copy.Graph.AllGraphs().ToList())
        {
            foreach (Value value in graph.Initializers.Where(value => IsLarge(value.Initializer) && !value.IsOutput).ToList())
            {
                Supply(value, value.Initializer!, copy.Graph);
                graph.RemoveInitializer(value);
            }
            foreach (Node node in graph.Nodes.Where(node => node.Is("Constant") && IsLarge(node.Attributes.Find("value")?.Tensor) && !node.Output.IsOutput).ToList())
            {
                Supply(node.Output, node.Attributes.Find("value")!.Tensor, copy.Graph);
                graph.Remove(node);
            }
        }
        return OnnxWriter.ToBytes(copy);
    }

    private static bool IsLarge(Tensor? tensor) => tensor is not null && tensor.ElementType != ElementType.String && tensor.Data.Length > SmallBytes;

    private static void Supply(Value value, Tensor tensor, Graph main) => value.Graph.ReplaceAllUses(value, main.AddInput(main.FreshName(value.Name), tensor.Type));
}
