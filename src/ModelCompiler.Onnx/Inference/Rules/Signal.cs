namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Signal processing: Fourier transforms, windows, mel filters.</summary>
internal static class Signal
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(FourierTransform, "DFT");
        rules.Onnx(ShortTimeFourierTransform, "STFT");
        rules.Onnx(Window, "BlackmanWindow", "HammingWindow", "HannWindow");
        rules.Onnx(MelWeightMatrix, "MelWeightMatrix");
    }

    private static IntegerExpression Scalar(InferenceContext context, int input) => context.Elements(input) is [var element] ? element : IntegerExpression.Unknown;

    /// <summary>⌊n/2⌋ + 1 frequencies of a real signal are distinct.</summary>
    private static IntegerExpression OneSided(IntegerExpression length) => ExpressionMath.FloorDivide(length, 2) + 1;

    private static void FourierTransform(InferenceContext context)
    {
        Shape? result = null;
        if (context.Shape(0) is { Rank: >= 2 } shape)
        {
            // Opset 20 made the axis an input.
            long? given = context.OpsetVersion < 20 ? context.Int("axis", 1) : context.HasInput(2) ? context.Number(2) : -2;
            Dim[] dims = shape.Dims.ToArray();
            if (given is null) dims.AsSpan().Clear();
            else if (ShapeMath.Axis(given.Value, shape.Rank) is { } axis) dims[axis] = Length(context, dims[axis]);
            bool isRealResult = context.Int("onesided", 0) != 0 && context.Int("inverse", 0) != 0;
            dims[^1] = isRealResult ? 1 : 2;
            result = new Shape(dims);
        }
        context.Set(0, context.Element(0), result);
    }

    private static Dim Length(InferenceContext context, Dim size)
    {
        IntegerExpression length = context.HasInput(1) ? Scalar(context, 1) : size.Size;
        bool isOneSided = context.Int("onesided", 0) != 0 && context.Int("inverse", 0) == 0;
        return Dim.Of(isOneSided ? OneSided(length) : length);
    }

    /// <summary>[batch, ⌊(signal − frame) / step⌋ + 1, frequencies, 2].</summary>
    private static void ShortTimeFourierTransform(InferenceContext context)
    {
        IntegerExpression frame = context.HasInput(3) ? Scalar(context, 3) : context.Dimension(2, 0).Size;
        IntegerExpression frames = ExpressionMath.FloorDivide(context.Dimension(0, 1).Size - frame, Scalar(context, 1)) + 1;
        IntegerExpression frequencies = context.Int("onesided", 1) != 0 ? OneSided(frame) : frame;
        context.Set(0, context.Element(0), new Shape(context.Dimension(0, 0), Dim.Of(frames), Dim.Of(frequencies), 2));
    }

    private static ElementType OutputType(InferenceContext context) => (ElementType)context.Int("output_datatype", (long)ElementType.Float);

    private static void Window(InferenceContext context) => context.Set(0, OutputType(context), new Shape(Dim.Of(Scalar(context, 0))));

    private static void MelWeightMatrix(InferenceContext context) =>
        context.Set(0, OutputType(context), new Shape(Dim.Of(OneSided(Scalar(context, 1))), Dim.Of(Scalar(context, 0))));
}
