using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>A session in which tensors inside the graph can be read where the run left them: a sample's tensors together are many times the model, and no copy is made.</summary>
internal sealed class TappedSession : IDisposable
{
    private readonly ModelImage _image;
    private readonly InferenceSession _session;
    private readonly PreparedRun _run;
    private readonly Dictionary<string, int> _outputs;
    private IReadOnlyList<(string Name, TensorBuffer Value)> _sample = [];

    private TappedSession(ModelImage image, IReadOnlyList<string> names, GraphOptimization optimization)
    {
        _image = image;
        try
        {
            _session = image.Open(ModelImage.ForFewRuns with { GraphOptimization = optimization });
            _run = new PreparedRun(_session, names);
        }
        catch
        {
            _session?.Dispose();
            image.Dispose();
            throw;
        }
        _outputs = names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
    }

    /// <summary>Opens a model with more outputs than it has; the model is as before when the method returns.</summary>
    /// <param name="model">The model.</param>
    /// <param name="names">Values of the main graph that nodes compute, and inputs of the model.</param>
    /// <param name="optimization">How far ONNX Runtime may rewrite the graph.</param>
    public static TappedSession Open(Model model, IEnumerable<string> names, GraphOptimization optimization)
    {
        Graph graph = model.Graph;
        int outputs = graph.Outputs.Count;
        HashSet<string> wanted = [.. names];
        wanted.ExceptWith(graph.Inputs.Select(input => input.Name));
        foreach (Node node in graph.Nodes)
        {
            foreach (Value value in node.Outputs)
                if (!value.IsOutput && wanted.Contains(value.Name)) graph.AddOutput(value);
        }
        try
        {
            return new TappedSession(ModelImage.Mapped(model), [.. wanted], optimization);
        }
        finally
        {
            while (graph.Outputs.Count > outputs) graph.RemoveOutput(graph.Outputs.Count - 1);
        }
    }

    /// <summary>Runs the model on a sample; its tensors can be read until the next run.</summary>
    public void Run(IReadOnlyList<(string Name, TensorBuffer Value)> sample, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _sample = sample;
        if (_outputs.Count == 0) return;
        for (int i = 0; i < _run.Inputs.Count; i++) _run.SetInput(i, sample.First(input => input.Name == _run.Inputs[i].Name).Value);
        _run.Run(cancellationToken);
    }

    /// <summary>The elements of a tensor in the last run; from any thread.</summary>
    public ReadOnlySpan<float> Elements(string name) => _outputs.TryGetValue(name, out int index) ? _run.Output<float>(index) : Given(name).AsSpan<float>();

    /// <summary>The shape of a tensor in the last run.</summary>
    public ReadOnlySpan<long> Shape(string name) => _outputs.TryGetValue(name, out int index) ? _run.OutputShape(index) : Given(name).Shape;

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
        _image.Dispose();
        NativeHeap.Trim();
    }

    private TensorBuffer Given(string name) => _sample.First(input => input.Name == name).Value;
}
