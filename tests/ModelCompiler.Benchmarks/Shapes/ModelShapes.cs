using ModelCompiler.Onnx;

namespace ModelCompiler.Benchmarks.Shapes;

/// <summary>Networks of the kinds that people deploy, with random weights and an open batch: for latency, size and the agreement of outputs.</summary>
internal static class ModelShapes
{
    public static IReadOnlyDictionary<string, Func<Model>> All { get; } = new Dictionary<string, Func<Model>>
    {
        ["resnet-18"] = ResNet18,
        ["mobilenet-v2"] = MobileNetV2,
        ["bert-mini"] = BertMini,
        ["lstm"] = LstmTagger,
    };

    private static Model ResNet18()
    {
        var b = new LayerBuilder();
        Value x = b.Relu(b.Conv(b.Input("x", 3, 224, 224), 3, 64, 7, 2));
        x = b.Op("MaxPool", [x], new("kernel_shape", [3L, 3]), new("strides", [2L, 2]), new("pads", [1L, 1, 1, 1]));
        int inputs = 64;
        foreach (int outputs in (int[])[64, 64, 128, 128, 256, 256, 512, 512])
        {
            x = Residual(b, x, inputs, outputs);
            inputs = outputs;
        }
        return b.Output("y", b.Dense(b.GlobalPool(x), 512, 1000));
    }

    private static Model MobileNetV2()
    {
        var b = new LayerBuilder();
        Value x = Relu6(b, b.Conv(b.Input("x", 3, 224, 224), 3, 32, 3, 2));
        int inputs = 32;
        foreach (var (expand, outputs, count, stride) in ((int, int, int, int)[])[(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)])
        {
            for (int i = 0; i < count; i++)
            {
                x = InvertedResidual(b, x, inputs, outputs, expand, i == 0 ? stride : 1);
                inputs = outputs;
            }
        }
        return b.Output("y", b.Dense(b.GlobalPool(Relu6(b, b.Conv(x, 320, 1280, 1))), 1280, 1000));
    }

    private static Model BertMini()
    {
        var b = new LayerBuilder();
        const int Tokens = 128, Size = 384;
        Value x = b.Op("Gather", b.Weights(1, 1, 8000, Size), b.Input("ids", ElementType.Int64, Tokens));
        x = b.LayerNorm(b.Op("Add", x, b.Weights(0.1, 1, 1, Tokens, Size)), Size);
        for (int i = 0; i < 6; i++) x = b.TransformerLayer(x, Tokens, Size, 6, 1536);
        return b.Output("y", b.Dense(b.Op("ReduceMean", [b.LayerNorm(x, Size)], new("axes", [1L]), new("keepdims", 0L)), Size, 2));
    }

    private static Model LstmTagger()
    {
        var b = new LayerBuilder();
        const int Tokens = 64, Size = 128, Hidden = 256;
        Value x = b.Op("Gather", b.Weights(1, 1, 4000, Size), b.Input("ids", ElementType.Int64, Tokens));
        x = b.Op("Transpose", [x], new NodeAttribute("perm", [1L, 0, 2]));
        Value y = b.Op("LSTM", [x, b.Weights(1, Size, 1, 4 * Hidden, Size), b.Weights(1, Hidden, 1, 4 * Hidden, Hidden), b.Weights(0.01, 1, 1, 8 * Hidden)], new NodeAttribute("hidden_size", (long)Hidden));
        y = b.Op("Transpose", [b.Op("Squeeze", y, b.Constant(1L))], new NodeAttribute("perm", [1L, 0, 2]));
        return b.Output("y", b.Dense(y, Hidden, 16));
    }

    private static Value Residual(LayerBuilder b, Value x, int inputs, int outputs)
    {
        int stride = inputs == outputs ? 1 : 2;
        Value inner = b.Conv(b.Relu(b.Conv(x, inputs, outputs, 3, stride)), outputs, outputs, 3, gain: 1);
        return b.Relu(b.Op("Add", inner, stride == 1 ? x : b.Conv(x, inputs, outputs, 1, stride, gain: 1)));
    }

    private static Value InvertedResidual(LayerBuilder b, Value x, int inputs, int outputs, int expand, int stride)
    {
        int wide = inputs * expand;
        Value inner = expand == 1 ? x : Relu6(b, b.Conv(x, inputs, wide, 1));
        inner = b.Conv(Relu6(b, b.Conv(inner, wide, wide, 3, stride, wide)), wide, outputs, 1, gain: 1);
        return stride == 1 && inputs == outputs ? b.Op("Add", x, inner) : inner;
    }

    private static Value Relu6(LayerBuilder b, Value x) => b.Op("Clip", x, b.Scalar(0), b.Scalar(6));
}
