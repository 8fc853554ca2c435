using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>Inputs for the public models, with sizes for their open dimensions.</summary>
internal static class ExampleInputs
{
    public static IReadOnlyList<(string Name, TensorBuffer Value)> Of(InferenceSession session, int seed = 1)
    {
        var dimensions = new Dictionary<string, long>();
        foreach (TensorInfo input in session.Inputs)
        {
            if (input.Shape is null) continue;
            for (int axis = 1; axis < input.Shape.Count; axis++)
                if (input.Shape[axis] < 0) dimensions[$"{input.Name}:{axis}"] = Size(input.Shape, axis);
        }
        IReadOnlyList<(string Name, TensorBuffer Value)> inputs = RandomInputs.Create(session.Inputs, 1, dimensions, seed);
        // The voice detector's sampling rate is data that steers the graph.
        foreach ((string name, TensorBuffer value) in inputs)
            if (name == "sr") value.AsSpan<long>()[0] = 16000;
        return inputs;
    }

    /// <summary>Height 64 and width 320 for pictures (the text detector takes multiples of 32), 512 samples for sound, one conversation for a state.</summary>
    private static long Size(IReadOnlyList<long> shape, int axis) => shape.Count switch
    {
        4 => axis == 2 ? 64 : 320,
        2 => 512,
        _ => 1,
    };
}
