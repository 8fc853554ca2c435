using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>A session in which tensors inside the graph can be read.</summary>
internal static class TappedSession
{
    /// <summary>Opens a model with more outputs than it has; the model is as before when the method returns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="names">Values of the main graph that nodes compute.</param>
    /// <param name="optimization">How far ONNX Runtime may rewrite the graph.</param>
    public static InferenceSession Open(Model model, IReadOnlyCollection<string> names, GraphOptimization optimization)
    {
        Graph graph = model.Graph;
        int outputs = graph.Outputs.Count;
        var wanted = names.ToHashSet();
        foreach (Node node in graph.Nodes)
        {
            foreach (Value value in node.Outputs)
                if (!value.IsOutput && wanted.Contains(value.Name)) graph.AddOutput(value);
        }
        try
        {
            return InferenceSession.Open(OnnxWriter.ToBytes(model), new SessionOptions { GraphOptimization = optimization });
        }
        finally
        {
            while (graph.Outputs.Count > outputs) graph.RemoveOutput(graph.Outputs.Count - 1);
        }
    }
}
