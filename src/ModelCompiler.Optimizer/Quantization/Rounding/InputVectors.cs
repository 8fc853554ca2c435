using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Quantization.Rounding;

/// <summary>
/// The vectors that meet the weights of a product, in the order of the weights: the rows of a Gemm or MatMul, the windows of a convolution. Of many
/// some are taken, spread evenly.
/// </summary>
internal sealed class InputVectors
{
    /// <summary>Multiples of it, modulo 1, are spread as evenly as can be (Kronecker sequence of the golden ratio).</summary>
    private const double Golden = 0.6180339887498949;

    private readonly bool _isConvolution;
    private readonly long[] _kernel, _strides, _dilations, _pads;
    private readonly string _autoPad;

    private InputVectors(Node node, Tensor weights)
    {
        _isConvolution = node.Is("Conv");
        int spatial = _isConvolution ? weights.Rank - 2 : 0;
        Groups = _isConvolution ? (int)node.Attributes.GetInt("group", 1) : 1;
        ProductParameters parameters = ProductParameters.Of(node);
        Depth = (int)(weights.ElementCount / parameters.Channels);
        // A picture of one row stands for a line.
        _kernel = Two(weights.Dims.ToArray()[^spatial..], 1);
        _strides = Two(node.Attributes.GetInts("strides"), 1);
        _dilations = Two(node.Attributes.GetInts("dilations"), 1);
        long[] pads = node.Attributes.GetInts("pads")?.ToArray() ?? new long[2 * spatial];
        _pads = Two(pads[..(pads.Length / 2)], 0);
        _ends = Two(pads[(pads.Length / 2)..], 0);
        _autoPad = node.Attributes.GetString("auto_pad", "NOTSET");
    }

    private readonly long[] _ends;

    public int Groups { get; }

    public int Depth { get; }

    /// <summary>How to read the vectors of a product; null for forms that have none: three spatial dimensions, a transposed first factor.</summary>
    public static InputVectors? Of(Node node)
    {
        if (node.Constant(1) is not { } weights || ComputeEligibility.Refusal(node) is not null) return null;
        if (node.Is("Conv") ? weights.Rank > 4 : node.Attributes.GetInt("transA", 0) != 0) return null;
        return new InputVectors(node, weights);
    }

    /// <summary>Adds vectors of an input, at most so many of each group.</summary>
    public void AddTo(InputGram gram, ReadOnlySpan<float> values, ReadOnlySpan<long> shape, int most)
    {
        if (_isConvolution) AddWindows(gram, values, shape, most);
        else AddRows(gram, values, most);
    }

    private void AddRows(InputGram gram, ReadOnlySpan<float> values, int most)
    {
        int rows = values.Length / Depth;
        var vectors = new float[Math.Min(rows, most) * Depth];
        for (int i = 0; i < Math.Min(rows, most); i++) values.Slice(Position(i, rows, most) * Depth, Depth).CopyTo(vectors.AsSpan(i * Depth));
        gram.Add(0, vectors);
    }

    private void AddWindows(InputGram gram, ReadOnlySpan<float> values, ReadOnlySpan<long> shape, int most)
    {
        int channels = (int)shape[1], height = shape.Length == 4 ? (int)shape[2] : 1, width = (int)shape[^1], perGroup = channels / Groups;
        (int rows, int top) = Output(height, 0);
        (int columns, int left) = Output(width, 1);
        int positions = (int)shape[0] * rows * columns, count = Math.Min(positions, most);
        int taps = (int)(_kernel[0] * _kernel[1]), area = height * width;
        // Where the windows lie in a plane is the same for all groups and their planes.
        var offsets = new int[count * taps];
        var images = new int[count];
        for (int i = 0; i < count; i++)
        {
            int position = Position(i, positions, most);
            images[i] = position / (rows * columns);
            Locate(offsets.AsSpan(i * taps, taps), height, width, position / columns % rows * (int)_strides[0] - top, position % columns * (int)_strides[1] - left);
        }
        var windows = new float[count * Depth];
        for (int group = 0; group < Groups; group++)
        {
            for (int i = 0; i < count; i++)
                Fill(windows.AsSpan(i * Depth, Depth), values.Slice((images[i] * channels + group * perGroup) * area, perGroup * area), area, offsets.AsSpan(i * taps, taps));
            gram.Add(group, windows);
        }
    }

    /// <summary>The offsets of a window in a plane; −1 for padding.</summary>
    private void Locate(Span<int> offsets, int height, int width, int top, int left)
    {
        int at = 0;
        for (int i = 0; i < _kernel[0]; i++)
        {
            int y = top + i * (int)_dilations[0];
            for (int j = 0; j < _kernel[1]; j++)
            {
                int x = left + j * (int)_dilations[1];
                offsets[at++] = (uint)y < (uint)height && (uint)x < (uint)width ? y * width + x : -1;
            }
        }
    }

    private static void Fill(Span<float> window, ReadOnlySpan<float> planes, int area, ReadOnlySpan<int> offsets)
    {
        for (int plane = 0; plane < planes.Length; plane += area)
        {
            ReadOnlySpan<float> from = planes.Slice(plane, area);
            for (int i = 0; i < offsets.Length; i++) window[i] = offsets[i] < 0 ? 0 : from[offsets[i]];
            window = window[offsets.Length..];
        }
    }

    /// <summary>How many windows there are along an axis, and how many elements of padding stand before the first (ONNX, Conv).</summary>
    private (int Count, int Before) Output(int size, int axis)
    {
        int reach = (int)(_dilations[axis] * (_kernel[axis] - 1) + 1), stride = (int)_strides[axis];
        if (_autoPad is "SAME_UPPER" or "SAME_LOWER")
        {
            int count = (size + stride - 1) / stride, padding = Math.Max(0, (count - 1) * stride + reach - size);
            return (count, _autoPad == "SAME_UPPER" ? padding / 2 : padding - padding / 2);
        }
        long before = _autoPad == "VALID" ? 0 : _pads[axis], after = _autoPad == "VALID" ? 0 : _ends[axis];
        return ((int)((size + before + after - reach) / stride) + 1, (int)before);
    }

    private static int Position(int i, int count, int most) => count <= most ? i : (int)(i * Golden % 1 * count);

    private static long[] Two(IReadOnlyList<long>? numbers, long absent) => numbers switch
    {
        null or { Count: 0 } => [absent, absent],
        { Count: 1 } => [absent == 0 ? 0 : 1, numbers[0]],
        _ => [numbers[0], numbers[1]],
    };
}
