using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>Runs a model on samples and counts the elements of its tensors. Memory holds one sample's tensors, however many samples there are.</summary>
internal static class ActivationCalibrator
{
    /// <summary>Observes tensors of float32.</summary>
    /// <param name="model">The model; it is as before when the method returns.</param>
    /// <param name="values">Values of the main graph.</param>
    /// <param name="samples">Inputs by name, a batch or a sample each.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    /// <returns>A histogram for each value, by name.</returns>
    public static Dictionary<string, Histogram> Observe(Model model, IReadOnlyList<Value> values, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        var histograms = values.ToDictionary(value => value.Name, _ => new Histogram());
        Observe(model, histograms, samples, cancellationToken);
        return histograms;
    }

    /// <summary>Observes more samples.</summary>
    /// <param name="model">The model; it is as before when the method returns.</param>
    /// <param name="histograms">Of values of the main graph, by name.</param>
    /// <param name="samples">Inputs by name, a batch or a sample each.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    public static void Observe(
        Model model, IReadOnlyDictionary<string, Histogram> histograms, IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples, CancellationToken cancellationToken)
    {
        using var session = TappedSession.Open(model, histograms.Keys, GraphOptimization.All);
        foreach (IReadOnlyList<(string Name, TensorBuffer Value)> sample in samples)
        {
            session.Run(sample, cancellationToken);
            Parallel.ForEach(histograms, tensor => tensor.Value.Add(session.Elements(tensor.Key)));
        }
    }
}
