namespace ModelCompiler.Runtime;

/// <summary>What goes in or comes out of a model: mostly a tensor, but ONNX has sequences, maps and optionals too.</summary>
public abstract record ModelValue
{
    private ModelValue()
    {
    }

    /// <summary>The tensor.</summary>
    /// <exception cref="InvalidOperationException">The value is no tensor.</exception>
    public TensorBuffer AsTensor() =>
        this is Tensor tensor ? tensor.Buffer : throw new InvalidOperationException($"The value is a {GetType().Name}, not a tensor.");

    public static implicit operator ModelValue(TensorBuffer buffer) => new Tensor(buffer);

    /// <inheritdoc cref="op_Implicit"/>
    public static ModelValue FromTensorBuffer(TensorBuffer buffer) => buffer;

    /// <summary>A tensor.</summary>
    public sealed record Tensor(TensorBuffer Buffer) : ModelValue;

    /// <summary>Values of one type, one after another.</summary>
    public sealed record Sequence(IReadOnlyList<ModelValue> Items) : ModelValue;

    /// <summary>Keys (64-bit integers or strings) and the value of each, as two tensors of one dimension.</summary>
    public sealed record Map(TensorBuffer Keys, TensorBuffer Values) : ModelValue;

    /// <summary>An optional that holds nothing.</summary>
    public sealed record None : ModelValue;
}
