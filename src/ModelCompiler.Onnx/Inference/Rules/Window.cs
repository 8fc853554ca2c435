namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>The sliding window of convolutions and poolings: kernel, strides, dilations, pads and how they are rounded.</summary>
internal sealed class Window
{
    private readonly IntegerExpression[] _kernel;
    private readonly long[] _strides;
    private readonly long[] _dilations;
    private readonly long[] _pads;
    private readonly string _autoPad;
    private readonly bool _isCeiling;

    private Window(IntegerExpression[] kernel, long[] strides, long[] dilations, long[] pads, string autoPad, bool isCeiling)
    {
        _kernel = kernel;
        _strides = strides;
        _dilations = dilations;
        _pads = pads;
        _autoPad = autoPad;
        _isCeiling = isCeiling;
    }

    private bool IsSame => _autoPad is "SAME_UPPER" or "SAME_LOWER";

    /// <summary>Reads the attributes of a node over <paramref name="spatial"/> axes; the kernel is the attribute, or the last axes of <paramref name="weights"/>. Null where they do not fit.</summary>
    public static Window? Read(InferenceContext context, int spatial, Shape? weights, long[]? pads)
    {
        var kernel = new IntegerExpression[spatial];
        if (context.Ints("kernel_shape") is { } given)
        {
            if (given.Length != spatial) return null;
            for (int i = 0; i < spatial; i++) kernel[i] = given[i];
        }
        else if (weights is not null && weights.Rank >= spatial)
        {
            for (int i = 0; i < spatial; i++) kernel[i] = weights[weights.Rank - spatial + i].Size;
        }
        long[]? strides = ReadPositive(context.Ints("strides"), spatial);
        long[]? dilations = ReadPositive(context.Ints("dilations"), spatial);
        pads ??= new long[2 * spatial];
        if (strides is null || dilations is null || pads.Length != 2 * spatial) return null;
        return new Window(kernel, strides, dilations, pads, context.String("auto_pad", "NOTSET"), context.Int("ceil_mode", 0) != 0);
    }

    /// <summary>
    /// ⌊(size + pads − extent) / stride⌋ + 1 with extent = dilation · (kernel − 1) + 1, or the ceiling; ⌈size / stride⌉ where the pads are chosen
    /// to make it so (ONNX, MaxPool).
    /// </summary>
    public Dim OutputSize(Dim size, int axis)
    {
        long stride = _strides[axis];
        if (IsSame) return Dim.Of(ExpressionMath.CeilingDivide(size.Size, stride));
        bool isPadded = _autoPad != "VALID";
        IntegerExpression begin = isPadded ? _pads[axis] : 0;
        IntegerExpression end = isPadded ? _pads[axis + _strides.Length] : 0;
        IntegerExpression room = size.Size + begin + end - Extent(axis);
        if (!_isCeiling) return Dim.Of(ExpressionMath.FloorDivide(room, stride) + 1);
        // A window that would start in the padding behind the data is dropped.
        IntegerExpression count = ExpressionMath.CeilingDivide(room, stride) + 1;
        IntegerExpression starting = ExpressionMath.CeilingDivide(size.Size + begin, stride);
        return Dim.Of(ExpressionMath.Min(count, starting));
    }

    /// <summary>The size from which a convolution with this window makes <paramref name="size"/>, plus the padding that the output is given.</summary>
    public Dim TransposedSize(Dim size, int axis, long outputPadding)
    {
        long stride = _strides[axis];
        // Where the window is smaller than the stride, the standard pads the output, and ONNX Runtime leaves it as small as it is.
        if (IsSame) return Extent(axis).ValueOrNull >= stride ? Dim.Of(size.Size * stride) : Dim.Unknown;
        IntegerExpression pads = _autoPad == "VALID" ? 0 : (IntegerExpression)_pads[axis] + _pads[axis + _strides.Length];
        return Dim.Of((size.Size - 1) * stride + outputPadding + Extent(axis) - pads);
    }

    private IntegerExpression Extent(int axis) => (_kernel[axis] - 1) * _dilations[axis] + 1;

    private static long[]? ReadPositive(long[]? given, int spatial)
    {
        if (given is null)
        {
            given = new long[spatial];
            Array.Fill(given, 1);
        }
        return given.Length == spatial && Array.TrueForAll(given, x => x > 0) ? given : null;
    }
}
