using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>A session in which tensors inside the graph can be read.</summary>
internal sealed class TappedSession : IDisposable
{
    private readonly ModelImage _image;
    private readonly InferenceSession _session;

    private TappedSession(ModelImage image, GraphOptimization optimization)
    {
        _image = image;
        try
        {
            _session = image.Open(new SessionOptions { GraphOptimization = optimization });
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Opens a model with more outputs than it has; the model is as before when the method returns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="names">Values of the main graph that nodes compute.</param>
    /// <param name="optimization">How far ONNX Runtime may rewrite the graph.</param>
    public static TappedSession Open(Model model, IReadOnlyCollection<string> names, GraphOptimization optimization)
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
            return new TappedSession(ModelImage.Of(model), optimization);
        }
        finally
        {
            while (graph.Outputs.Count > outputs) graph.RemoveOutput(graph.Outputs.Count - 1);
        }
    }

    /// <summary>Runs the model on a sample and reads tensors.</summary>
    public TensorBuffer[] Run(IReadOnlyList<(string Name, TensorBuffer Value)> sample, string[] names, CancellationToken cancellationToken) =>
        _session.Run(sample, names, cancellationToken);

    public void Dispose()
    {
        _session.Dispose();
        _image.Dispose();
    }
}
