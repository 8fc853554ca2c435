namespace ModelCompiler.Runtime;

/// <summary>Compares what is given with what the model declares. Messages name the tensor, what was expected and what came.</summary>
internal static class TensorCheck
{
    public const string Input = "Input";
    public const string Output = "Output";

    /// <exception cref="TensorMismatchException">Type, rank or a fixed dimension differ.</exception>
    public static void Check(TensorInfo declared, TensorElementType elementType, ReadOnlySpan<long> shape)
    {
        if (declared.ElementType != elementType || !Fits(declared.Shape, shape))
        {
            throw new TensorMismatchException(Input, declared.Name, declared.ToString(), elementType.Name() + TensorShape.Text(shape));
        }
    }

    /// <exception cref="TensorMismatchException">The kind of value differs, or a tensor's type, rank or fixed dimension.</exception>
    public static void Check(TensorInfo declared, ModelValue value)
    {
        if (value is ModelValue.Tensor { Buffer: var buffer } && declared.Kind is ValueKind.Tensor or ValueKind.Optional)
        {
            Check(declared, buffer.ElementType, buffer.Shape);
        }
        else if (value is ModelValue.Tensor || declared.Kind == ValueKind.Tensor)
        {
            throw new TensorMismatchException(Input, declared.Name, declared.ToString(), value is ModelValue.Tensor tensor ? tensor.Buffer.ToString() : value.GetType().Name);
        }
    }

    /// <summary>Whether an output can be an input, as far as both declare what they are.</summary>
    /// <exception cref="TensorMismatchException">One is no tensor, or type, rank or a dimension that both fix differ.</exception>
    public static void CheckFeeds(TensorInfo output, TensorInfo input)
    {
        bool isOpen = output.Shape is null || input.Shape is null;
        bool fits = isOpen || (output.Shape!.Count == input.Shape!.Count && output.Shape.Zip(input.Shape).All(size => size.First < 0 || size.Second < 0 || size.First == size.Second));
        if (!fits || output.Kind != ValueKind.Tensor || input.Kind != ValueKind.Tensor || output.ElementType != input.ElementType)
        {
            throw new TensorMismatchException(Input, input.Name, input.ToString(), $"the output '{output.Name}', {output}");
        }
    }

    public static TensorMismatchException UnknownName(string role, string name, IEnumerable<string> known) =>
        new(role, name, "one of " + string.Join(", ", known.Select(n => $"'{n}'")), "a name that the model does not have");

    private static bool Fits(IReadOnlyList<long>? declared, ReadOnlySpan<long> shape)
    {
        if (declared is not null && declared.Count != shape.Length)
        {
            return false;
        }

        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] < 0 || (declared?[i] >= 0 && declared[i] != shape[i]))
            {
                return false;
            }
        }

        return true;
    }
}
