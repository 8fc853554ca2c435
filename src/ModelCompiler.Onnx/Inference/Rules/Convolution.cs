namespace ModelCompiler.Onnx.Inference.Rules;

/// <summary>Convolutions, [N, C, D1, …, Dn] by weights [M, C/group, k1, …, kn].</summary>
internal static class Convolution
{
    public static void Register(RuleTable rules)
    {
        rules.Onnx(c => Conv(c, 0, 1, c.Element(0)), "Conv");
        rules.Onnx(c => Conv(c, 0, 1, c.Element(0)), "DeformConv");
        rules.Onnx(c => Conv(c, 0, 1, ElementType.Int32), "ConvInteger");
        rules.Onnx(c => Conv(c, 0, 3, c.Element(7)), "QLinearConv");
        rules.Onnx(c => ConvTranspose(c), "ConvTranspose");
        rules.Contrib(c => ConvTranspose(c, padsInput: 2), "ConvTransposeWithDynamicPads");
    }

    /// <summary>Output [N, M, o1, …, on] with the sizes of <see cref="Window.OutputSize"/>, or [N, o1, …, on, M] for data with the channels last.</summary>
    public static void Conv(InferenceContext context, int data, int weights, ElementType element, bool isChannelsLast = false)
    {
        Shape? shape = context.Shape(data);
        Shape? kernel = context.Shape(weights);
        int? rank = shape?.Rank ?? kernel?.Rank;
        if (rank is not >= 2)
        {
            context.Set(0, element, null);
            return;
        }
        var dims = new Dim[rank.Value];
        dims[0] = shape?[0] ?? Dim.Unknown;
        dims[isChannelsLast ? rank.Value - 1 : 1] = kernel is { Rank: >= 1 } ? kernel[0] : Dim.Unknown;
        if (shape is not null && kernel is not null && kernel.Rank != shape.Rank)
            context.Contradiction($"weights of shape {kernel} do not fit data of rank {shape.Rank}");
        else if (shape is not null)
            FillSpatial(context, shape, kernel, dims.AsSpan(isChannelsLast ? 1 : 2, rank.Value - 2), isChannelsLast ? 1 : 2);
        context.Set(0, element, new Shape(dims));
    }

    private static void FillSpatial(InferenceContext context, Shape shape, Shape? kernel, Span<Dim> sizes, int first)
    {
        Window? window = Window.Read(context, sizes.Length, kernel, context.Ints("pads"));
        for (int i = 0; i < sizes.Length; i++) sizes[i] = window?.OutputSize(shape[first + i], i) ?? Dim.Unknown;
    }

    /// <summary>Output [N, M, o1, …, on] for weights [C, M/group, k1, …, kn]; the pads are an attribute, or an input of their own.</summary>
    public static void ConvTranspose(InferenceContext context, int? padsInput = null)
    {
        Shape? shape = context.Shape(0);
        Shape? kernel = context.Shape(1);
        int? rank = shape?.Rank ?? kernel?.Rank;
        if (rank is not >= 2)
        {
            context.Set(0, context.Element(0), null);
            return;
        }
        var dims = new Dim[rank.Value];
        dims[0] = shape?[0] ?? Dim.Unknown;
        if (kernel is { Rank: >= 2 }) dims[1] = kernel[1] * Dim.Of(Math.Max(1, context.Int("group", 1)));
        if (shape is not null && (kernel is null || kernel.Rank == shape.Rank)) FillTransposed(context, shape, kernel, dims, padsInput is { } input && context.HasInput(input) ? context.Numbers(input) ?? [] : context.Ints("pads"));
        context.Set(0, context.Element(0), new Shape(dims));
    }

    /// <summary>stride · (size − 1) + output_padding + (kernel − 1) · dilation + 1 − pads, or output_shape where it is given (ONNX, ConvTranspose).</summary>
    private static void FillTransposed(InferenceContext context, Shape shape, Shape? kernel, Dim[] dims, long[]? pads)
    {
        int spatial = shape.Rank - 2;
        long[]? given = context.Ints("output_shape");
        long[]? padding = context.Ints("output_padding");
        Window? window = Window.Read(context, spatial, kernel, pads);
        for (int i = 0; i < spatial; i++)
        {
            if (given?.Length == spatial || given?.Length == shape.Rank) dims[i + 2] = Dim.Of((IntegerExpression)given[given.Length - spatial + i]);
            else if (window is not null) dims[i + 2] = window.TransposedSize(shape[i + 2], i, padding is not null && i < padding.Length ? padding[i] : 0);
        }
    }
}
