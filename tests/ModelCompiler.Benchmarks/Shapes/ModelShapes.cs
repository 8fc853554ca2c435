using ModelCompiler.Onnx;

namespace ModelCompiler.Benchmarks.Shapes;

/// <summary>Networks of the kinds that people deploy, with random weights and an open batch: for latency, size and the agreement of outputs.</summary>
internal static class ModelShapes
{
    public static IReadOnlyDictionary<string, Func<Model>> All { get; } = new Dictionary<string, Func<Model>>
    {
        ["small-cnn"] = SmallCnn,
        ["small-resnet"] = SmallResNet,
        ["mobilenet-v3-like"] = MobileNetV3Like,
        ["small-vit"] = () => VisionTransformer(patches: 7, size: 64, heads: 4, layers: 4),
        ["tabular-mlp"] = TabularMlp,
        ["resnet-18"] = ResNet18,
        ["mobilenet-v2"] = MobileNetV2,
        ["bert-mini"] = BertMini,
        ["unbalanced-cnn"] = UnbalancedCnn,
        ["lstm"] = LstmTagger,
    };

    private static Model SmallCnn()
    {
        var b = new LayerBuilder();
        Value x = b.Input("x", 1, 28, 28);
        x = b.Relu(b.Conv(x, 1, 32, 3));
        x = b.Op("MaxPool", [x], new("kernel_shape", [2L, 2]), new("strides", [2L, 2]));
        x = b.Relu(b.Conv(x, 32, 64, 3));
        x = b.Op("MaxPool", [x], new("kernel_shape", [2L, 2]), new("strides", [2L, 2]));
        x = b.Relu(b.Dense(b.Op("Flatten", x), 64 * 7 * 7, 128, 2));
        return b.Output("y", b.Dense(x, 128, 10));
    }

    private static Model SmallResNet()
    {
        var b = new LayerBuilder();
        Value x = b.Relu(b.Conv(b.Input("x", 1, 28, 28), 1, 16, 3));
        x = Residual(b, Residual(b, Residual(b, x, 16, 16), 16, 32), 32, 64);
        return b.Output("y", b.Dense(b.GlobalPool(x), 64, 10));
    }

    private static Model MobileNetV3Like()
    {
        var b = new LayerBuilder();
        Value x = HardSwish(b, b.Conv(b.Input("x", 3, 32, 32), 3, 16, 3));
        foreach (var (inputs, outputs, stride) in ((int, int, int)[])[(16, 24, 2), (24, 24, 1), (24, 40, 2), (40, 40, 1), (40, 80, 2), (80, 80, 1)])
        {
            Value wide = HardSwish(b, b.Conv(x, inputs, inputs * 4, 1));
            wide = HardSwish(b, b.Conv(wide, inputs * 4, inputs * 4, 3, stride, inputs * 4));
            Value narrow = b.Conv(SqueezeAndExcite(b, wide, inputs * 4), inputs * 4, outputs, 1, gain: 1);
            x = inputs == outputs && stride == 1 ? b.Op("Add", x, narrow) : narrow;
        }
        return b.Output("y", b.Dense(b.GlobalPool(HardSwish(b, b.Conv(x, 80, 160, 1))), 160, 10));
    }

    private static Model VisionTransformer(int patches, int size, int heads, int layers)
    {
        var b = new LayerBuilder();
        int tokens = patches * patches;
        Value weights = b.Weights(1, 16, size, 1, 4, 4), bias = b.Weights(0.01, 1, size);
        Value x = b.Op("Conv", [b.Input("x", 1, patches * 4, patches * 4), weights, bias], new("kernel_shape", [4L, 4]), new("strides", [4L, 4]));
        x = b.Op("Transpose", [b.Op("Reshape", x, b.Constant(0L, size, tokens))], new NodeAttribute("perm", [0L, 2, 1]));
        x = b.Op("Add", x, b.Weights(0.02, 1, 1, tokens, size));
        for (int i = 0; i < layers; i++) x = b.TransformerLayer(x, tokens, size, heads, 4 * size);
        return b.Output("y", b.Dense(b.Op("ReduceMean", [b.LayerNorm(x, size)], new("axes", [1L]), new("keepdims", 0L)), size, 10));
    }

    private static Model TabularMlp()
    {
        var b = new LayerBuilder();
        Value x = b.Relu(b.Dense(b.Input("x", 32), 32, 128, 2));
        return b.Output("y", b.Dense(b.Relu(b.Dense(x, 128, 64, 2)), 64, 4));
    }

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

    /// <summary>Channels whose weights differ by a factor of a thousand, which equal scales for all of them cannot hold.</summary>
    private static Model UnbalancedCnn()
    {
        var b = new LayerBuilder();
        Value x = b.Relu(b.Conv(b.Input("x", 1, 28, 28), 1, 32, 3));
        var up = new float[32];
        var down = new float[32];
        for (int c = 0; c < 32; c++) (up[c], down[c]) = (MathF.Pow(10, (c % 7) - 3), MathF.Pow(10, 3 - (c % 7)));
        Value factors = b.Op("Reshape", b.Constant<float>(up), b.Constant(1L, 32, 1, 1)), inverse = b.Op("Reshape", b.Constant<float>(down), b.Constant(1L, 32, 1, 1));
        x = b.Relu(b.Conv(b.Op("Mul", b.Relu(b.Op("Mul", x, factors)), inverse), 32, 32, 3));
        return b.Output("y", b.Dense(b.GlobalPool(x), 32, 10));
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

    private static Value SqueezeAndExcite(LayerBuilder b, Value x, int channels)
    {
        Value gate = b.Conv(b.Relu(b.Conv(b.Op("GlobalAveragePool", x), channels, channels / 4, 1)), channels / 4, channels, 1);
        return b.Op("Mul", x, b.Op("HardSigmoid", [gate], new("alpha", 1 / 6f), new("beta", 0.5f)));
    }

    private static Value HardSwish(LayerBuilder b, Value x) => b.Op("HardSwish", x);

    private static Value Relu6(LayerBuilder b, Value x) => b.Op("Clip", x, b.Scalar(0), b.Scalar(6));
}
