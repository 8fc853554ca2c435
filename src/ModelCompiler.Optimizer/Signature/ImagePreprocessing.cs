using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Signature;

/// <summary>
/// y = (scale · resize(pixels) − mean) / std, per channel, in the model's layout and type. The model's input becomes pixels, uint8 [batch, height, width,
/// channels] of any height and width; what follows folds into the first convolution where it can. Resizing is bilinear between the centers of pixels
/// (half_pixel, without antialiasing), on floats. A side that the model leaves open keeps the shape of the picture, or its size where both are open.
/// </summary>
public sealed class ImagePreprocessing
{
    /// <summary>The operator set in which Resize knows the centers of pixels.</summary>
    private const long ResizeOpset = 11;

    private const long ConvertedOpset = 13;

    private readonly Graph _graph;
    private readonly long _opset;
    private readonly ImageOptions _options;
    private readonly Value _input;
    private readonly TensorType _type;
    private readonly int _rank;
    private readonly bool _channelsFirst;

    private ImagePreprocessing(Model model, ImageOptions options)
    {
        _graph = model.Graph;
        _opset = model.Opset;
        _options = options;
        _input = FindInput(model.Graph, options);
        _type = _input.TensorType ?? throw Unfit("no tensor");
        _rank = _type.Shape?.Rank ?? 0;
        if (_rank is not (3 or 4) || _type.ElementType is not (ElementType.Float or ElementType.Float16 or ElementType.UInt8)) throw Unfit(_type.ToString());
        _channelsFirst = options.ChannelsFirst ?? DetectLayout();
        if (!Dimension(_channelsFirst ? 0 : 2).IsCompatible(options.Channels)) throw Unfit(_type.ToString());
        Height = (int?)Dimension(_channelsFirst ? 1 : 0).ValueOrNull ?? options.Height;
        Width = (int?)Dimension(_channelsFirst ? 2 : 1).ValueOrNull ?? options.Width;
    }

    /// <summary>The input that takes pictures now.</summary>
    public string Input => _input.Name;

    /// <summary>The width that pictures are resized to; null where they keep their shape.</summary>
    public int? Width { get; }

    /// <summary>The height that pictures are resized to; null where they keep their shape.</summary>
    public int? Height { get; }

    /// <summary>Puts the preprocessing before the model.</summary>
    /// <exception cref="CompilerException">There is no such input (OM2310), or it cannot take pictures (OM2318).</exception>
    public static ImagePreprocessing Apply(Model model, ImageOptions options)
    {
        if (model.Opset < ResizeOpset) OpsetConverter.Convert(model, ConvertedOpset, "Image");
        var preprocessing = new ImagePreprocessing(model, options);
        preprocessing.Insert();
        model.InferTypes();
        return preprocessing;
    }

    private void Insert()
    {
        Use[] uses = [.. _input.Uses];
        Dim batch = _rank == 4 ? _type.Shape![0] : 1;
        _input.Type = new TensorType(ElementType.UInt8, new Shape(batch, Dim.Unknown, Dim.Unknown, _options.Channels));
        Value value = Cast(_input, ElementType.Float);
        value = Resize(value);
        value = Affine(value);
        if (_channelsFirst) value = Op("Transpose", [value], ("perm", new long[] { 0, 3, 1, 2 }));
        if (_rank == 3) value = Reshape(value);
        value = ToModelType(value);
        foreach (Use use in uses) use.Node.SetInput(use.Index, value);
    }

    /// <summary>Sizes [batch, height, width, channels], of which an open side follows the other one.</summary>
    private Value Resize(Value pixels)
    {
        if (Width is null && Height is null) return pixels;
        Value shape = Op("Shape", [_input]);
        Value Side(long axis) => Op("Gather", [shape, Constant(axis)], ("axis", 0L));
        Value height = Height is { } h ? Constant((long)h) : Follow(Side(1), Side(2), Width!.Value);
        Value width = Width is { } w ? Constant((long)w) : Follow(Side(2), Side(1), Height!.Value);
        Value sizes = Op("Concat", [Side(0), height, width, Constant((long)_options.Channels)], ("axis", 0L));
        // Until operator set 13, regions and scales that are not given are empty tensors.
        Value? none = _opset < ConvertedOpset ? Constant<float>() : null;
        Node node = _graph.AddNode("Resize", [pixels, none, none, sizes]);
        node.Attributes.Set("mode", "linear");
        node.Attributes.Set("coordinate_transformation_mode", "half_pixel");
        return node.Output;
    }

    /// <summary>side · target / other, rounded, and at least a pixel.</summary>
    private Value Follow(Value side, Value other, long target)
    {
        Value scaled = Op("Div", [Op("Mul", [Cast(side, ElementType.Float), Constant((float)target)]), Cast(other, ElementType.Float)]);
        return Cast(Op("Max", [Op("Round", [scaled]), Constant(1f)]), ElementType.Int64);
    }

    private Value Affine(Value value)
    {
        float[] factors = [.. Channels(channel => _options.Scale / At(_options.Std, channel))];
        float[] offsets = [.. Channels(channel => -At(_options.Mean, channel) / At(_options.Std, channel))];
        if (Array.Exists(factors, factor => factor != 1)) value = Op("Mul", [value, Constant(factors)]);
        if (Array.Exists(offsets, offset => offset != 0)) value = Op("Add", [value, Constant(offsets)]);
        return value;
    }

    private Value Reshape(Value value)
    {
        Value sizes = Op("Gather", [Op("Shape", [value]), Constant(1L, 2L, 3L)], ("axis", 0L));
        return Op("Reshape", [value, sizes]);
    }

    private Value ToModelType(Value value)
    {
        if (_type.ElementType == ElementType.Float) return value;
        if (_type.ElementType == ElementType.UInt8) value = Op("Min", [Op("Max", [Op("Round", [value]), Constant(0f)]), Constant(255f)]);
        return Cast(value, _type.ElementType);
    }

    private Value Cast(Value value, ElementType type) => Op("Cast", [value], ("to", (long)type));

    private Value Op(string opType, ReadOnlySpan<Value?> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        Node node = _graph.AddNode(opType, inputs);
        foreach ((string name, object value) in attributes)
        {
            if (value is long number) node.Attributes.Set(name, number);
            else node.Attributes.Set(name, (long[])value);
        }
        return node.Output;
    }

    private Value Constant<T>(params T[] values) where T : unmanaged => _graph.AddInitializer("image", Tensor.Vector<T>(values));

    private IEnumerable<float> Channels(Func<int, double> value) => Enumerable.Range(0, _options.Channels).Select(channel => (float)value(channel));

    private static double At(IReadOnlyList<double> numbers, int channel) => numbers[numbers.Count == 1 ? 0 : channel];

    /// <summary>A dimension of the input without its batch.</summary>
    private Dim Dimension(int index) => _type.Shape![_rank - 3 + index];

    private bool DetectLayout()
    {
        bool isFirst = Dimension(0).ValueOrNull == _options.Channels, isLast = Dimension(2).ValueOrNull == _options.Channels;
        if (isFirst != isLast) return isFirst;
        bool isNowhere = !isFirst && Dimension(0).IsKnown && Dimension(2).IsKnown;
        string reason = isNowhere ? $"which has {_options.Channels} channels nowhere (RGB and BGR have 3, Gray has 1)" : "which does not tell where the channels are: set layout=NCHW or layout=NHWC";
        throw Unfit($"{_type}, {reason}");
    }

    private CompilerException Unfit(string type) => DiagnosticTable.ImageUnfit.Error(_input.Name, type, _options.Channels);

    private static Value FindInput(Graph graph, ImageOptions options)
    {
        Value[] inputs = [.. graph.Inputs.Where(input => input.Default is null)];
        string names = string.Join(", ", inputs.Select(input => $"'{input.Name}'"));
        if (options.Input is { } name) return inputs.FirstOrDefault(input => input.Name == name) ?? throw DiagnosticTable.TensorUnknown.Error("Image", name, "input", "", names);
        return inputs.Length == 1 ? inputs[0] : throw DiagnosticTable.TensorUnknown.Error("Image", "", "input", " There are several: begin with the name of one and a colon.", names);
    }
}
