namespace ModelCompiler.Runtime;

/// <summary>Checks the inputs of one sample of a batch; for generated code.</summary>
public readonly struct SampleCheck
{
    private readonly PredictorDescription _description;
    private readonly InputLayout[] _inputs;

    internal SampleCheck(PredictorDescription description, InputLayout[] inputs)
    {
        _description = description;
        _inputs = inputs;
    }

    /// <summary>Checks the number of elements of an input.</summary>
    /// <exception cref="TensorMismatchException">It is another than one sample has.</exception>
    public void Sample<T>(int index, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        int length = _inputs[index].ElementsPer(_description.Batch?.Size);
        if (elements.Length != length)
        {
            throw new TensorMismatchException(
                TensorCheck.Input, _inputs[index].Spec.Name, _inputs[index].Spec.ToString(), $"{elements.Length} elements, not {length}, for one sample");
        }
    }

    /// <summary>Checks a picture.</summary>
    /// <exception cref="TensorMismatchException">There are fewer bytes than the picture needs.</exception>
    public void Image(int index, in ImagePixels image) =>
        ImageInput.Check(_inputs[index].Spec, image.Pixels.Length, image.Width, image.Height, image.Format, image.Stride);
}
