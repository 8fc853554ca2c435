using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>Chooses for each tensor the method whose range its readers err least by (<see cref="ReaderError"/>).</summary>
internal static class RangeChoice
{
    private const int Samples = 8;

    /// <summary>What another method has to gain over one that stands before it: less is the noise of these samples.</summary>
    private const double Gain = 0.9;

    private static readonly RangeMethod[] Methods = [RangeMethod.MinMax, RangeMethod.MeanSquaredError, RangeMethod.Percentile];

    /// <summary>The method for each value, by name.</summary>
    /// <param name="model">The model in floating point.</param>
    /// <param name="values">Values of the main graph, each with its histogram.</param>
    /// <param name="map">How a range becomes integers.</param>
    /// <param name="samples">Inputs by name.</param>
    /// <param name="cancellationToken">Stops between samples.</param>
    public static Dictionary<string, RangeMethod> Of(
        Model model,
        IReadOnlyList<(Value Value, Histogram Histogram)> values,
        Func<ValueRange, QuantizationParameters> map,
        IEnumerable<IReadOnlyList<(string Name, TensorBuffer Value)>> samples,
        CancellationToken cancellationToken)
    {
        (Value Value, ValueRange[] Ranges)[] candidates = [.. values.AsParallel().AsOrdered().Select(value => (value.Value, Array.ConvertAll(Methods, method => RangeEstimator.Estimate(value.Histogram, method))))];
        double[][] errors = ReaderError.Measure(model, candidates, map, samples.Take(Samples), cancellationToken);
        return candidates.Zip(errors).ToDictionary(pair => pair.First.Value.Name, pair => Methods[Best(pair.Second)]);
    }

    private static int Best(double[] errors)
    {
        int best = 0;
        for (int i = 1; i < errors.Length; i++)
            if (errors[i] < Gain * errors[best]) best = i;
        return best;
    }
}
