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
        string[] inputs = [.. values.Where(value => value.IsInput).Select(value => value.Name)];
        string[] computed = [.. values.Where(value => !value.IsInput).Select(value => value.Name)];
        using var session = TappedSession.Open(model, computed, GraphOptimization.All);
        foreach (IReadOnlyList<(string Name, TensorBuffer Value)> sample in samples)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TensorBuffer[] results = computed.Length == 0 ? [] : session.Run(sample, computed, cancellationToken);
            Parallel.For(0, computed.Length, i => histograms[computed[i]].Add(results[i].AsSpan<float>()));
            foreach (string input in inputs) histograms[input].Add(sample.First(s => s.Name == input).Value.AsSpan<float>());
        }
        return histograms;
    }
}
