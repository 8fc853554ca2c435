using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Calibration;

/// <summary>Chooses for each tensor the method whose range its readers err least by (<see cref="ReaderError"/>).</summary>
internal static class RangeChoice
{
    /// <summary>Each runs several copies of the model's nodes: of large tensors, fewer have enough elements.</summary>
    private const int Samples = 4, LargeSamples = 2;

    /// <summary>Elements of a tensor in one sample, on average.</summary>
    private const long LargeElements = 50_000;

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
        (Value Value, Choice[] Choices)[] open = [.. values.AsParallel().AsOrdered().Select(value => (value.Value, Choices(value.Histogram)))];
        (Value Value, Choice[] Choices)[] contested = [.. open.Where(value => value.Choices.Length > 1)];
        int count = contested.Length > 0 && values.Average(value => (double)value.Histogram.Count / Math.Max(1, value.Histogram.Highest.Samples)) >= LargeElements ? LargeSamples : Samples;
        double[][] errors = ReaderError.Measure(model, [.. contested.Select(value => (value.Value, Array.ConvertAll(value.Choices, choice => choice.Range)))], map, samples.Take(count), cancellationToken);
        var chosen = open.ToDictionary(value => value.Value.Name, value => value.Choices[0].Method);
        for (int i = 0; i < contested.Length; i++) chosen[contested[i].Value.Name] = contested[i].Choices[Best(errors[i])].Method;
        return chosen;
    }

    /// <summary>The whole range, and those that are so much narrower that a finer step may gain enough: rounding errors are as large as the square of it.</summary>
    private static Choice[] Choices(Histogram histogram)
    {
        Choice[] all = Array.ConvertAll(Methods, method => new Choice(method, RangeEstimator.Estimate(histogram, method)));
        return [all[0], .. all[1..].Where(choice => Width(choice) * Width(choice) < Gain * Width(all[0]) * Width(all[0])).DistinctBy(choice => choice.Range)];

        static double Width(Choice choice) => (double)choice.Range.Max - choice.Range.Min;
    }

    private static int Best(double[] errors)
    {
        int best = 0;
        for (int i = 1; i < errors.Length; i++)
            if (errors[i] < Gain * errors[best]) best = i;
        return best;
    }

    private readonly record struct Choice(RangeMethod Method, ValueRange Range);
}
