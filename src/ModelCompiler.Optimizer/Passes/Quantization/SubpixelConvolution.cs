using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Quantization;

/// <summary>
/// A transposed convolution of stride s as a convolution with s² times the channels, whose pixels are put in their places (Shi et al. 2016, "Is the deconvolution layer the
/// same as a convolutional layer?"): y[s·q + r] = Σ x[q − d] · w[s·d + r + p] over the d for which the tap exists, so that each phase r is a convolution of x. These have
/// integer kernels, ConvTranspose has none. With the channels last, as integer convolutions compute, pixels move in blocks of all channels: DepthToSpace, one element at a
/// time, took a third of an autoencoder. NaN and infinity, which integers have not, reach the zeros that fill a phase. Requires two dimensions of known size and the same
/// stride, one group, constant weights, and an output of exactly s times the input's size.
/// </summary>
public sealed class SubpixelConvolution : RewritePass
{
    /// <summary>Multiplications over those of the transposed convolution: phases whose taps lie apart are filled with zeros (2.25 for 4 × 4 with stride 2).</summary>
    private const double LargestGrowth = 2.5;

    /// <inheritdoc/>
    public override string Name => "subpixel-convolution";

    /// <inheritdoc/>
    protected override bool MayMatch(Node node) => node.Is("ConvTranspose");

    /// <inheritdoc/>
    protected override Rewrite Visit(Node node, PassContext context)
    {
        if (context.Target.IntegerKernels.ContainsKey("ConvTranspose") || !context.Target.IntegerKernels.ContainsKey("Transpose")) return Rewrite.None;
        if (node.Constant(1) is not { ElementType: ElementType.Float, Rank: 4 } weights || node.Attributes.GetInt("group", 1) != 1) return Rewrite.None;
        if (node.Input(2) is not null && node.Constant(2) is not { ElementType: ElementType.Float }) return Rewrite.None;
        if (node.Inputs[0]!.Shape is not { Rank: 4 }) return Rewrite.Refused("the rank of its input is not known");
        if (Axis.Of(node, weights, 0) is not { } rows || Axis.Of(node, weights, 1) is not { } columns || rows.Stride != columns.Stride || rows.Stride < 2)
            return Rewrite.Refused("its output is not as many times the input's size, in both dimensions, as its stride says");
        double growth = (double)(rows.Window * columns.Window * rows.Stride * columns.Stride) / (rows.Taps * columns.Taps);
        if (growth > LargestGrowth) return Rewrite.Refused($"as a convolution it would multiply {growth:F1} times as often");
        Replace(node, Phases(weights, rows, columns), rows, columns);
        return Rewrite.Applied("became a convolution of all phases, which has an integer kernel");
    }

    private static void Replace(Node node, Tensor weights, Axis rows, Axis columns)
    {
        Graph graph = node.Graph;
        int phases = rows.Stride * columns.Stride;
        List<Value?> inputs = [node.Inputs[0], graph.AddInitializer(node.Inputs[1]!.Name, weights)];
        if (node.Constant(2) is { } bias)
            inputs.Add(graph.AddInitializer(node.Inputs[2]!.Name, Tensor.Vector<float>([.. Enumerable.Repeat(bias.AsSpan<float>().ToArray(), phases).SelectMany(values => values)])));
        Node convolution = graph.AddNode("Conv", inputs.ToArray(), name: node.Name, before: node);
        convolution.Attributes.Set("kernel_shape", [rows.Window, (long)columns.Window]);
        convolution.Attributes.Set("pads", [rows.Last, columns.Last, -rows.First, (long)-columns.First]);
        PhaseInterleaving.Replace(node, convolution.Output, node.Inputs[0]!.Shape!, rows.Stride, columns.Stride, weights.Dims[0] / phases);
    }

    /// <summary>Weights [in, out, taps] as [phases · out, in, window].</summary>
    private static Tensor Phases(Tensor weights, Axis rows, Axis columns)
    {
        int inputs = (int)weights.Dims[0], outputs = (int)weights.Dims[1], area = rows.Window * columns.Window, taps = rows.Taps * columns.Taps;
        ReadOnlySpan<float> from = weights.AsSpan<float>();
        var to = new float[rows.Stride * columns.Stride * outputs * inputs * area];
        for (int i = 0; i < to.Length; i++)
        {
            int place = i % area, input = i / area % inputs, output = i / area / inputs % outputs, phase = i / area / inputs / outputs;
            if (rows.Tap(place / columns.Window, phase / columns.Stride) is { } row && columns.Tap(place % columns.Window, phase % columns.Stride) is { } column)
                to[i] = from[((input * outputs) + output) * taps + row * columns.Taps + column];
        }
        return Tensor.Create<float>(to, to.Length / inputs / area, inputs, rows.Window, columns.Window);
    }

    /// <summary>One dimension: stride, taps and padding of the transposed convolution, and the first and last d of any phase.</summary>
    private sealed record Axis(int Stride, int Taps, int Pad, int First, int Last)
    {
        public int Window => Last - First + 1;

        public static Axis? Of(Node node, Tensor weights, int axis)
        {
            if (node.Attributes.Find("auto_pad") is { String: not "NOTSET" } || node.Attributes.Find("output_shape") is not null || At(node, "dilations", axis, 1) != 1) return null;
            int stride = At(node, "strides", axis, 1), taps = (int)weights.Dims[2 + axis], pad = At(node, "pads", axis, 0);
            if (taps - stride - pad - At(node, "pads", axis + 2, 0) + At(node, "output_padding", axis, 0) != 0) return null;
            int first = -((stride - 1 + pad) / stride), last = (taps - 1 - pad) / stride;
            return pad < taps ? new Axis(stride, taps, pad, first, last) : null;
        }

        /// <summary>The tap that a place of the window has in a phase; null where it has none.</summary>
        public int? Tap(int place, int phase) => (Stride * (Last - place)) + phase + Pad is var tap && tap >= 0 && tap < Taps ? tap : null;

        private static int At(Node node, string name, int index, int otherwise) => node.Attributes.GetInts(name) is { } values && values.Length > index ? (int)values[index] : otherwise;
    }
}
