using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>The tensors that the outputs of a model are made of, whatever their kind: classifiers answer with sequences of maps too.</summary>
internal static class ValueTensors
{
    /// <summary>Runs a model; each output's tensors, one for a tensor.</summary>
    /// <inheritdoc cref="InferenceSession.RunValues"/>
    public static TensorBuffer[][] Run(
        InferenceSession session, IReadOnlyList<(string Name, TensorBuffer Value)> inputs, IReadOnlyList<string>? outputs, CancellationToken cancellationToken)
    {
        ModelValue[] values = session.RunValues([.. inputs.Select(input => (input.Name, (ModelValue)input.Value))], outputs, cancellationToken);
        return Array.ConvertAll(values, value => Of(value).ToArray());
    }

    /// <summary>The tensors of a value, in order; none of an empty optional.</summary>
    public static IEnumerable<TensorBuffer> Of(ModelValue value) => value switch
    {
        ModelValue.Tensor tensor => [tensor.Buffer],
        ModelValue.Map map => [map.Keys, map.Values],
        ModelValue.Sequence sequence => sequence.Items.SelectMany(Of),
        _ => [],
    };
}
