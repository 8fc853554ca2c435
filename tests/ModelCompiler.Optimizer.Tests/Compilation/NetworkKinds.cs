using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Small networks of the kinds that people quantize, and with the oddities that exporters leave in them.</summary>
internal static class NetworkKinds
{
    private const long Hidden = 32;

    public static IReadOnlyDictionary<string, Func<Model>> All { get; } = new Dictionary<string, Func<Model>>
    {
        ["grouped, dilated and transposed convolutions"] = () => Net(b =>
        {
            Value y = Relu(b, Conv(b, b.Input("x", 1, 8, 12, 12), 16, 8, 1, [3, 3]));
            y = Relu(b, b.Op("Conv", [y, b.Weights(2, 16, 4, 3, 3)], new("group", 4L), new("pads", [2L, 2, 2, 2]), new("dilations", [2L, 2])));
            return b.Op("ConvTranspose", [y, b.Weights(3, 16, 4, 2, 2), b.Weights(4, 4)], new NodeAttribute("strides", [2L, 2]));
        }),
        ["convolutions of one dimension"] = () => Net(b =>
            Conv(b, Relu(b, Conv(b, b.Input("x", 1, 4, 40), 16, 4, 1, [5])), 8, 16, 2, [3])),
        ["convolutions of three dimensions"] = () => Net(b =>
            Conv(b, Relu(b, Conv(b, b.Input("x", 1, 4, 6, 6, 6), 8, 4, 1, [3, 3, 3])), 4, 8, 2, [3, 3, 3])),
        ["a convolution with uneven padding by name"] = () => Net(b =>
            b.Op("Conv", [b.Input("x", 1, 4, 9, 9), b.Weights(1, 8, 4, 3, 3), b.Weights(2, 8)], new("auto_pad", "SAME_UPPER"), new("strides", [2L, 2]))),
        ["Gemm with both factors transposed"] = () => Net(b =>
            b.Op("Gemm", [b.Input("x", 64, 8), b.Weights(1, 48, 64), b.Weights(2, 48)], new("transA", 1L), new("transB", 1L), new("alpha", 0.5f), new("beta", 2f))),
        ["weights of rank 3"] = () => Net(b =>
        {
            Value y = Relu(b, b.Op("MatMul", b.Input("x", 1, 12, 64), b.Weights(1, 1, 64, 96)));
            return b.Op("MatMul", y, b.Weights(2, 1, 96, 48));
        }),
        ["several matrices of weights"] = () => Net(b => b.Op("MatMul", b.Input("x", 3, 12, 64), b.Weights(1, 3, 64, 48))),
        ["queries, keys and values of one tensor"] = () => Net(b => Attention(b, b.Input("x", 1, 16, 64), 64, 3)),
        ["a decoder with a cache"] = Decoder,
        ["a GRU"] = () => Net(b =>
        {
            Value x = b.Input("x", 6, 1, 64);
            Value y = b.Node("GRU", [x, b.Constant(Scaled(1, 0.1f, 1, 3 * 160, 64)), b.Constant(Scaled(2, 0.05f, 1, 3 * 160, 160)), b.Constant(Scaled(3, 0.1f, 1, 6 * 160))], 2, "",
                new("hidden_size", 160L), new("linear_before_reset", 1L)).Outputs[0];
            return b.Op("MatMul", y, b.Constant(Scaled(4, 0.1f, 160, 64)));
        }),
        ["an LSTM behind convolutions"] = () => Net(b =>
        {
            Value y = Relu(b, Conv(b, b.Input("x", 1, 4, 40), 64, 4, 1, [5]));
            y = b.Op("Transpose", [y], new NodeAttribute("perm", [2L, 0, 1]));
            y = b.Node("LSTM", [y, b.Constant(Scaled(2, 0.05f, 2, 4 * 160, 64)), b.Constant(Scaled(3, 0.05f, 2, 4 * 160, 160))], 1, "", new("hidden_size", 160L), new("direction", "bidirectional")).Outputs[0];
            y = b.Op("Reshape", b.Op("Transpose", [y], new NodeAttribute("perm", [0L, 2, 1, 3])), b.Constant([0L, 0, -1]));
            return b.Op("MatMul", y, b.Constant(Scaled(4, 0.1f, 320, 64)));
        }),
        ["a table in front of an LSTM"] = () => Net(b =>
        {
            Value y = b.Op("Gather", b.Constant(Scaled(1, 1, 2048, 64)), b.Op("Cast", [b.Op("Clip", b.Op("Abs", b.Input("x", 12, 1)), b.Scalar(0f), b.Scalar(3f))], new NodeAttribute("to", 7L)));
            y = b.Node("LSTM", [y, b.Constant(Scaled(2, 0.1f, 1, 4 * 160, 64)), b.Constant(Scaled(3, 0.1f, 1, 4 * 160, 160))], 3, "", new NodeAttribute("hidden_size", 160L)).Outputs[0];
            return b.Op("Mul", y, b.Scalar(2f));
        }),
        ["tokens, mask and numbers"] = () => Net(b =>
        {
            Value ids = b.Input("ids", ElementType.Int64, Dim.Named("batch"), Dim.Named("length")), mask = b.Input("mask", ElementType.Int64, Dim.Named("batch"), Dim.Named("length"));
            Value y = b.Op("Gather", b.Weights(1, 16, 64), ids);
            y = b.Op("Mul", y, b.Op("Unsqueeze", b.Op("Cast", [mask], new NodeAttribute("to", 1L)), b.Constant([-1L])));
            Value pooled = b.Op("ReduceMean", [y], new("axes", [1L]), new("keepdims", 0L));
            Value both = b.Op("Concat", [pooled, b.Input("numbers", Dim.Named("batch"), 16)], new NodeAttribute("axis", 1L));
            return Dense(b, Relu(b, Dense(b, both, 80, 96, 2)), 96, 64, 4);
        }),
        ["weights shared by two layers, one of them an output"] = () =>
        {
            var b = new GraphBuilder(13);
            Value w = b.Weights(1, 64, 64);
            Value y = Relu(b, b.Op("MatMul", Relu(b, b.Op("MatMul", b.Input("x", 8, 64), w)), w));
            return b.Output("y", b.Op("Gemm", [y, w], new NodeAttribute("transB", 1L))).Output("w", w).Model;
        },
        ["weights from Constant nodes"] = () => Net(b =>
        {
            Node constant = b.Node("Constant", [], 1, "", new NodeAttribute("value", TestTensors.Normal(1, 16, 8, 3, 3)));
            Value y = Relu(b, b.Op("Conv", [b.Input("x", 1, 8, 12, 12), constant.Outputs[0]], new NodeAttribute("pads", [1L, 1, 1, 1])));
            return Conv(b, y, 8, 16, 2, [1, 1]);
        }),
        ["convolutions in branches"] = () => Net(b =>
        {
            Value x = b.Input("x", 1, 8, 12, 12), stem = Relu(b, Conv(b, x, 16, 8, 1, [3, 3]));
            Value isLarge = b.Op("Greater", b.Op("ReduceMean", [x], new NodeAttribute("keepdims", 0L)), b.Scalar(0f));
            Graph then = b.Subgraph("then", inner => inner.Output("t", Conv(inner, stem, 8, 16, 2, [3, 3])));
            Graph other = b.Subgraph("else", inner => inner.Output("e", Conv(inner, stem, 8, 16, 3, [3, 3])));
            return b.Op("If", [isLarge], new("then_branch", then), new("else_branch", other));
        }),
        ["products in a loop"] = () => Net(b =>
        {
            Value x = b.Input("x", 8, 64);
            Graph body = b.Subgraph("body", inner =>
            {
                inner.Input("i", ElementType.Int64);
                Value go = inner.Input("go", ElementType.Bool), state = inner.Input("state", 8, 64);
                inner.Output("again", inner.Op("Identity", go));
                inner.Output("next", inner.Op("Tanh", inner.Op("MatMul", state, inner.Constant(Scaled(3, 0.1f, 64, 64)))));
            });
            Value trips = b.Op("Cast", [b.Op("ReduceMax", [b.Op("Clip", x, b.Scalar(2f), b.Scalar(3f))], new NodeAttribute("keepdims", 0L))], new NodeAttribute("to", 7L));
            return b.Op("Loop", [trips, null, x], new NodeAttribute("body", body));
        }),
        ["dead channels and weights of zero"] = () => Net(b =>
        {
            Tensor w = Scaled(1, 1, 16, 8, 3, 3);
            float[] some = w.Floats();
            Array.Clear(some, 0, some.Length / 4);
            Value y = Relu(b, b.Op("Conv", [b.Input("x", 1, 8, 12, 12), b.Constant(some, 16, 8, 3, 3)], new NodeAttribute("pads", [1L, 1, 1, 1])));
            Value nothing = b.Op("Conv", y, b.Constant(new float[8 * 16], 8, 16, 1, 1));
            return b.Op("Add", nothing, Conv(b, y, 8, 16, 3, [3, 3]));
        }),
        ["a hard-swish, a SiLU and a gate"] = () => Net(b =>
        {
            Value y = Conv(b, b.Input("x", 1, 8, 12, 12), 16, 8, 1, [3, 3]);
            y = b.Op("Mul", y, b.Op("Div", b.Op("Clip", b.Op("Add", y, b.Scalar(3f)), b.Scalar(0f), b.Scalar(6f)), b.Scalar(6f)));
            Value z = Conv(b, y, 16, 16, 2, [3, 3]);
            z = b.Op("Mul", z, b.Op("Sigmoid", z));
            Value gate = b.Op("Sigmoid", Conv(b, b.Op("GlobalAveragePool", z), 16, 16, 3, [1, 1]));
            return Conv(b, b.Op("Mul", z, gate), 8, 16, 4, [3, 3]);
        }),
    };

    /// <summary>A network whose constants and numbers are of a very large size.</summary>
    public static Model Huge() => Net(b => b.Op("Mul", Conv(b, b.Op("Mul", b.Input("x", 1, 8, 12, 12), b.Scalar(1e15f)), 8, 8, 1, [3, 3]), b.Scalar(1e15f)));

    /// <summary>Convolution, pooling, a dense layer and a classifier: what every operator set has, written as that one has it.</summary>
    public static Model InOpset(long opset)
    {
        var b = new GraphBuilder(opset);
        Value x = b.Input("x", 1, 8, 16, 16);
        Value y = Conv(b, x, 16, 8, 1, [3, 3]);
        y = opset < 11 ? b.Op("Clip", [y], new("min", 0f), new("max", 6f)) : b.Op("Clip", y, b.Scalar(0f), b.Scalar(6f));
        y = b.Op("MaxPool", [y], new("kernel_shape", [2L, 2]), new("strides", [2L, 2]));
        y = b.Op("BatchNormalization", Conv(b, y, 8, 16, 2, [3, 3]), b.Constant([1f, 2, 1, 2, 1, 2, 1, 2]), b.Weights(3, 8), b.Weights(4, 8), b.Constant([1f, 2, 1, 2, 1, 2, 1, 2]));
        y = Relu(b, Dense(b, b.Op("Flatten", Relu(b, y)), 512, 512, 5));
        b.Output("y", b.Op("Softmax", [Dense(b, y, 512, 16, 7)], new NodeAttribute("axis", 1L)));
        b.Model.InferTypes();
        return b.Model;
    }

    private static Model Net(Func<GraphBuilder, Value> body)
    {
        var b = new GraphBuilder(13);
        b.Output("y", body(b));
        b.Model.InferTypes();
        return b.Model;
    }

    private static Value Conv(GraphBuilder b, Value x, long outputs, long inputs, int seed, long[] kernel) => b.Op(
        "Conv",
        [x, b.Constant(Scaled(10 * seed, 1 / MathF.Sqrt(inputs * kernel.Aggregate(1L, (all, size) => all * size)), [outputs, inputs, .. kernel])), b.Constant(Scaled(10 * seed + 1, 0.1f, outputs))],
        new NodeAttribute("pads", [.. kernel.Concat(kernel).Select(size => size / 2)]));

    private static Value Dense(GraphBuilder b, Value x, long depth, long columns, int seed) =>
        b.Op("Add", b.Op("MatMul", x, b.Constant(Scaled(10 * seed, 1 / MathF.Sqrt(depth), depth, columns))), b.Constant(Scaled(10 * seed + 1, 0.1f, columns)));

    private static Value Relu(GraphBuilder b, Value x) => b.Op("Relu", x);

    private static Value Attention(GraphBuilder b, Value x, long width, int seed)
    {
        Value[] qkv = [.. Enumerable.Range(seed, 3).Select(s => Dense(b, x, width, width, s))];
        Value scores = b.Op("Softmax", [b.Op("Div", b.Op("MatMul", qkv[0], b.Op("Transpose", [qkv[1]], new NodeAttribute("perm", [0L, 2, 1]))), b.Scalar(8f))], new NodeAttribute("axis", -1L));
        return Dense(b, b.Op("MatMul", scores, qkv[2]), width, width, seed + 3);
    }

    /// <summary>One layer of a decoder: keys and values of before come in, those of now are joined to them and go out.</summary>
    private static Model Decoder()
    {
        var b = new GraphBuilder(13);
        Value ids = b.Input("ids", ElementType.Int64, 1, 1), pastKeys = b.Input("past.key", 1, Dim.Named("past"), Hidden), pastValues = b.Input("past.value", 1, Dim.Named("past"), Hidden);
        Value x = b.Op("Gather", b.Constant(Scaled(1, 1, 16, Hidden), "embedding"), ids);
        Value keys = b.Op("Concat", [pastKeys, Dense(b, x, Hidden, Hidden, 2)], new NodeAttribute("axis", 1L));
        Value values = b.Op("Concat", [pastValues, Dense(b, x, Hidden, Hidden, 3)], new NodeAttribute("axis", 1L));
        Value scores = b.Op("MatMul", Dense(b, x, Hidden, Hidden, 4), b.Op("Transpose", [keys], new NodeAttribute("perm", [0L, 2, 1])));
        Value mixed = b.Op("Add", x, b.Op("MatMul", b.Op("Softmax", [scores], new NodeAttribute("axis", -1L)), values));
        Value logits = Dense(b, Relu(b, Dense(b, mixed, Hidden, 4 * Hidden, 5)), 4 * Hidden, 16, 6);
        b.Output("logits", logits).Output("present.key", keys).Output("present.value", values);
        b.Model.InferTypes();
        return b.Model;
    }

    private static Tensor Scaled(int seed, float factor, params ReadOnlySpan<long> dims)
    {
        float[] values = TestTensors.Normal(seed, dims).Floats();
        for (int i = 0; i < values.Length; i++) values[i] *= factor;
        return Tensor.Create<float>(values, dims);
    }
}
