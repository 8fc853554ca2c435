using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Data;

/// <summary>The inputs for one run of a model. Valid until the next batch is asked for, which uses the same memory.</summary>
/// <param name="Inputs">A tensor for each input of the model, as <see cref="InferenceSession"/> takes them.</param>
/// <param name="Rows">Size of the batch dimension; 1 for models without one.</param>
/// <param name="ValidRows">How many of the rows are samples; the rest repeat the last one, for a model whose batch size is fixed.</param>
/// <param name="Labels">The class of each sample, <paramref name="ValidRows"/> of them; empty where there are no labels.</param>
public sealed record SampleBatch(IReadOnlyList<(string Name, TensorBuffer Value)> Inputs, int Rows, int ValidRows, ReadOnlyMemory<long> Labels)
{
    /// <summary>What to throw where the model's answers to inputs that are not finite are not either; null where all inputs are finite.</summary>
    public CompilerException? NotFinite { get; init; }

    /// <summary>The tensor of an input.</summary>
    /// <exception cref="KeyNotFoundException">The model has no such input.</exception>
    public TensorBuffer this[string input]
    {
        get
        {
            foreach ((string name, TensorBuffer value) in Inputs)
                if (name == input) return value;
            throw new KeyNotFoundException($"There is no input '{input}'.");
        }
    }
}
