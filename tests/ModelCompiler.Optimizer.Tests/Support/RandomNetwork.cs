using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>
/// Random networks, the same for the same seed: blocks as exporters write them (convolutions, norms and activations in pieces, attention, recurrences, pools,
/// islands of another layout) with numbers that now and then are not quite what a pass looks for, wired at random: residuals, gates, shared weights, inner outputs.
/// </summary>
internal sealed class RandomNetwork : RandomOperators
{
    private const long Batch = 2;

    private readonly List<Value> _values = [];
    private readonly List<NetworkInput> _inputs = [];
    private readonly List<Value> _tails = [];

    /// <summary>An input: the dimensions that the network was made with, which of them are open, and what it is fed.</summary>
    private sealed record NetworkInput(Value Value, long[] Dims, bool[] Open, InputKind Kind);

    private enum InputKind { Normal, Positive, Picture, Tokens }

    private RandomNetwork(int seed)
        : base(seed)
    {
    }

    public static RandomNetwork Create(int seed)
    {
        var network = new RandomNetwork(seed);
        for (int i = network.Chance(4) ? 2 : 1; i > 0; i--) network.AddInput();
        for (int i = network._random.Next(2, 14); i > 0; i--) network.AddBlock();
        network.Finish();
        return network;
    }

    /// <summary>What to feed the network: <paramref name="batch"/> samples where their number is open, and other dimensions that are open by <paramref name="longer"/> larger.</summary>
    public Dictionary<string, Tensor> Feeds(int seed, long batch, long longer = 0)
    {
        var random = new Random(seed);
        var feeds = new Dictionary<string, Tensor>();
        foreach (NetworkInput input in _inputs)
        {
            long[] dims = [.. input.Dims.Select((dim, axis) => !input.Open[axis] ? dim : axis == 0 ? batch : dim + longer)];
            long count = dims.Aggregate(1L, (a, b) => a * b);
            if (input.Kind == InputKind.Tokens)
            {
                feeds[input.Value.Name] = Tensor.Create<long>([.. Enumerable.Range(0, (int)count).Select(_ => random.NextInt64(Tokens))], dims);
                continue;
            }
            float[] normal = TestTensors.Normal(random.Next(), dims).Floats();
            feeds[input.Value.Name] = Tensor.Create<float>(Array.ConvertAll(normal, x => input.Kind switch
            {
                InputKind.Positive => MathF.Abs(x),
                InputKind.Picture => Math.Clamp(MathF.Round(120 + (60 * x)), 0, 255),
                _ => x,
            }), dims);
        }
        return feeds;
    }

    private const int Tokens = 11;

    // ---- inputs and outputs

    private void AddInput()
    {
        string name = $"in{_inputs.Count}";
        long size = Any(5, 6, 7, 8, 9, 12, 16);
        long[] dims = _random.Next(9) switch
        {
            0 or 1 or 2 or 3 => [Batch, Any(1, 2, 3, 3, 4, 8), size, Chance(3) ? size : Any(5, 6, 8, 11)],
            4 => [Batch, Any(1, 4, 6), size + 3],
            5 => [Batch, Any(4, 5), 6, 5, 4],
            6 => [Batch, Any(5, 8, 16)],
            7 => [Batch, Any(4, 7), Any(8, 12, 16)],
            _ => [Batch, Any(4, 6, 9)],
        };
        bool isTokens = dims.Length == 2 && Chance(2);
        bool[] open = new bool[dims.Length];
        open[0] = _inputs.Count > 0 ? _inputs[0].Open[0] : !Chance(4);
        bool grows = Chance(3);
        for (int axis = dims.Length - 1; grows && axis > (dims.Length > 3 ? 1 : 0); axis--) open[axis] = axis > 1 || isTokens;
        Value input = _builder.Input(name, isTokens ? ElementType.Int64 : ElementType.Float, [.. dims.Select(dim => Dim.Of(dim))]);
        InputKind kind = isTokens ? InputKind.Tokens : dims.Length == 4 && dims[1] == 3 && Chance(2) ? InputKind.Picture : Chance(4) ? InputKind.Positive : InputKind.Normal;
        _inputs.Add(new NetworkInput(input, dims, open, kind));
        Value value = kind switch
        {
            InputKind.Tokens => Op("Gather", Weight(1, Tokens, 16), input),
            InputKind.Picture when Chance(2) => Op("Div", Op("Sub", input, Constant([1, 3, 1, 1], 110, 120, 130)), Constant([3, 1, 1], 55, 60, 62)),
            InputKind.Picture => Op("Mul", input, Scalar(1 / 255f)),
            _ => input,
        };
        _values.Add(value);
    }

    private void Finish()
    {
        var outputs = new HashSet<Value>(_tails) { _values[^1] };
        for (int i = _random.Next(3); i > 0; i--) outputs.Add(Pick());
        foreach (Value tail in _values.Where(value => value.Uses.Count == 0 && Chance(2))) outputs.Add(tail);
        int number = 0;
        foreach (Value output in outputs.ToList()) _builder.Output($"out{number++}", output.Producer is null ? Op("Identity", output) : output);
        foreach (Value value in _builder.Graph.AllGraphs().SelectMany(graph => graph.Values()))
            if (!value.IsInput && value.Initializer is null) value.Type = null;
        foreach ((Value input, long[] dims, bool[] open, _) in _inputs)
            input.Type = new TensorType(input.ElementType, new Shape([.. dims.Select((dim, axis) => !open[axis] ? Dim.Of(dim) : Dim.Named(axis == 0 ? "N" : $"{input.Name}_{axis}"))]));
        Model.InferTypes();
    }

    // ---- blocks

    private void AddBlock()
    {
        Value x = Pick();
        int nodes = _builder.Graph.Nodes.Count;
        try
        {
            Value y = Block(x);
            for (int i = Chance(2) ? 1 : 0; i > 0; i--) y = Block(y);
            if (Same(x, y) && Chance(3)) y = Any(() => Op("Add", x, y), () => Op("Add", y, x), () => Op("Sum", x, y), () => Op("Mul", x, Op("Sigmoid", y)), () => Op("Concat", [x, y], A("axis", 1)))();
            Keep(y);
        }
        catch (DoesNotFitException)
        {
            // ONNX Runtime runs what nobody reads, too.
            Node[] halves = [.. _builder.Graph.Nodes.Skip(nodes)];
            foreach (List<Value> list in new[] { _values, _weights, _tails }) list.RemoveAll(value => halves.Contains(value.Producer));
            foreach (Node half in halves.Reverse()) _builder.Graph.Remove(half);
        }
    }

    private Value Block(Value x)
    {
        int rank = Rank(x);
        return _random.Next(10) switch
        {
            0 or 1 or 2 or 3 => Layer(x),
            4 or 5 => Activation(x),
            6 => Normalization(x),
            7 => Arithmetic(x),
            8 => Movement(x),
            _ when rank >= 3 && Chance(2) => Reduced(x),
            _ => Rare(x),
        };
    }

    private Value Layer(Value x) => Rank(x) switch
    {
        2 => Dense(x),
        3 => Any<Func<Value, Value>>(Dense, Dense, Attention, Recurrent, Convolution, TransposedConvolution, Pool)(x),
        4 => Any<Func<Value, Value>>(Convolution, Convolution, Convolution, ConvolutionBlock, ConvolutionBlock, TransposedConvolution, Pool, Pool, Resize, Gate, ChannelsLast, Pixels, PaddedConvolution)(x),
        5 => Any<Func<Value, Value>>(Convolution, Pool, TransposedConvolution)(x),
        _ => Activation(x),
    };

    private Value Convolution(Value x)
    {
        int spatial = Rank(x) - 2;
        long channels = Dims(x)[1], groups = Chance(4) && channels > 1 ? channels : Chance(4) && channels % 2 == 0 ? 2 : 1;
        long made = groups == channels && groups > 1 ? channels * Any(1, 1, 2) : groups * Any(2, 3, 4, 6, 8);
        long[] kernel = [.. Enumerable.Range(0, spatial).Select(_ => (long)Any(1, 1, 2, 3, 3, 3, 5))];
        if (Chance(2)) Array.Fill(kernel, kernel[0]);
        List<NodeAttribute> attributes = [A("group", groups)];
        if (Chance(3)) attributes.Add(new("strides", Each(spatial, 1, 2, 2)));
        else if (Chance(4)) attributes.Add(new("dilations", Each(spatial, 1, 2)));
        if (!attributes.Any(a => a.Name == "dilations") && Chance(5)) attributes.Add(new("auto_pad", Any("SAME_UPPER", "SAME_LOWER", "VALID")));
        else if (!Chance(4)) attributes.Add(new("pads", Chance(2) ? [.. kernel.Select(k => k / 2), .. kernel.Select(k => k / 2)] : Each(2 * spatial, 0, 1, 2)));
        if (!Chance(3)) attributes.Add(new("kernel_shape", kernel));
        long fan = channels / groups * kernel.Aggregate(1L, (a, b) => a * b);
        Value weight = Weight(fan, [made, channels / groups, .. kernel]);
        if (Chance(2)) return Op("Conv", [x, weight, Bias(made)], [.. attributes]);
        Value y = Op("Conv", [x, weight], [.. attributes]);
        return Chance(2) ? y : Op("Add", y, ChannelConstant(y));
    }

    private Value ConvolutionBlock(Value x)
    {
        if (Chance(3)) x = BatchNormalization(x);
        if (Chance(4)) x = Op("Relu", x);
        Value y = Convolution(x);
        if (Chance(4)) _values.Add(y);
        if (!Chance(4)) y = BatchNormalization(y);
        if (Chance(4)) y = Op("Mul", y, ChannelConstant(y));
        return Chance(4) ? y : Activation(y);
    }

    private Value PaddedConvolution(Value x)
    {
        int rank = Rank(x);
        long[] pads = new long[2 * rank];
        for (int i = 2; i < rank; i++) (pads[i], pads[i + rank]) = (Any(0, 1, 2), Any(0, 1, 1, -1));
        if (Chance(4)) pads[1] = 1;
        Value value = Scalar(Any(0f, 0f, 0f, 1f, -1f));
        Value padded = Op("Pad", [x, Longs(pads), Chance(3) ? null : value], new NodeAttribute("mode", pads[1] == 0 && pads.All(p => p >= 0) && Chance(3) ? Any("reflect", "edge") : "constant"));
        return Chance(3) ? Pool(padded) : Convolution(padded);
    }

    private Value TransposedConvolution(Value x)
    {
        int spatial = Rank(x) - 2;
        long channels = Dims(x)[1], groups = Chance(4) && channels % 2 == 0 ? 2 : 1, made = Any(1, 2, 3, 4);
        long[] kernel = Each(spatial, 1, 2, 3, 4), strides = Each(spatial, 1, 2, 2, 3);
        List<NodeAttribute> attributes = [A("group", groups), new("strides", strides), new("kernel_shape", kernel)];
        switch (_random.Next(4))
        {
            case 0: attributes.Add(new("pads", Each(2 * spatial, 0, 1))); break;
            case 1: attributes.Add(new("output_padding", [.. strides.Select(s => s > 1 ? 1L : 0)])); break;
            case 2: attributes.Add(new("auto_pad", Any("SAME_UPPER", "SAME_LOWER"))); break;
            default: break;
        }
        Value weight = Weight(channels, [channels, made, .. kernel]);
        Value y = Chance(2) ? Op("ConvTranspose", [x, weight, Bias(made * groups)], [.. attributes]) : Op("ConvTranspose", [x, weight], [.. attributes]);
        return Chance(3) ? BatchNormalization(y) : y;
    }

    private Value Pool(Value x)
    {
        int spatial = Rank(x) - 2;
        long[] kernel = Each(spatial, 1, 2, 2, 3, 3);
        List<NodeAttribute> attributes = [new("kernel_shape", kernel)];
        bool isMax = Chance(2);
        if (!Chance(4)) attributes.Add(new("strides", Each(spatial, 1, 2, 2)));
        if (Chance(3)) attributes.Add(A("ceil_mode", 1));
        if (Chance(5)) attributes.Add(new("auto_pad", Any("SAME_UPPER", "SAME_LOWER")));
        else if (Chance(2)) attributes.Add(new("pads", [.. kernel.Select(k => k / 2), .. kernel.Select(k => Chance(2) ? k / 2 : 0)]));
        if (isMax && Chance(5)) attributes.Add(new("dilations", Each(spatial, 1, 2)));
        if (!isMax && Chance(2)) attributes.Add(A("count_include_pad", 1));
        switch (_random.Next(7))
        {
            case 0: return Op(Any("GlobalAveragePool", "GlobalMaxPool"), x);
            case 1: return Op("LpPool", [x], [attributes[0], A("p", Any(1, 2))]);
            default: return Op(isMax ? "MaxPool" : "AveragePool", [x], [.. attributes]);
        }
    }

    private Value Resize(Value x)
    {
        string mode = Any("nearest", "nearest", "linear", "linear", "cubic");
        string transform = Any("asymmetric", "half_pixel", "align_corners", "pytorch_half_pixel");
        List<NodeAttribute> attributes = [new("mode", mode), new("coordinate_transformation_mode", transform)];
        if (mode == "nearest") attributes.Add(new("nearest_mode", Any("floor", "round_prefer_floor", "ceil", "round_prefer_ceil")));
        long[] dims = Dims(x);
        Value? empty = Opset >= 13 ? null : _builder.Constant(Tensor.Create<float>([], 0));
        if (Chance(3)) return Op("Resize", [x, empty, empty, Longs(dims[0], dims[1], dims[2] + Any(1, 3), dims[3] * 2)], [.. attributes]);
        float scale = Any(2f, 2f, 3f, 1.5f, 0.5f);
        return Op("Resize", [x, empty, _builder.Constant([1f, 1f, scale, Chance(3) ? 2f : scale])], [.. attributes]);
    }

    private Value Gate(Value x)
    {
        long channels = Dims(x)[1];
        Value pooled = Any(() => Op("GlobalAveragePool", x), () => Reduce("ReduceMean", x, true, 2, 3), () => Reduce("ReduceMean", x, true, -1, -2))();
        if (Chance(3))
        {
            Value rows = Any(() => Op("Flatten", pooled), () => Op("Reshape", pooled, Longs(0, -1)), () => Squeeze(pooled, 2, 3))();
            Value made = Dense(Activation(Dense(rows, 4)), channels);
            return Op("Mul", x, Unsqueeze(Op("Sigmoid", made), 2, 3));
        }
        Value squeezed = Op("Relu", Op("Conv", pooled, Weight(channels, 2, channels, 1, 1), Bias(2)));
        Value gate = Op("Conv", squeezed, Weight(2, channels, 2, 1, 1), Bias(channels));
        gate = Chance(2) ? Op("Sigmoid", gate) : Op("HardSigmoid", [gate], new("alpha", Any(0.2f, 1 / 6f)), new NodeAttribute("beta", 0.5f));
        return Chance(2) ? Op("Mul", x, gate) : Op("Mul", gate, x);
    }

    private Value ChannelsLast(Value x)
    {
        Value y = Transpose(x, 0, 2, 3, 1);
        for (int i = _random.Next(1, 4); i > 0; i--)
            y = Any<Func<Value, Value>>(Dense, Activation, Arithmetic, LayerNormalization, y => Op("Softmax", [y], A("axis", 3)), y => Transpose(Convolution(Transpose(y, 0, 3, 1, 2)), 0, 2, 3, 1))(y);
        return Chance(5) ? y : Transpose(y, 0, 3, 1, 2);
    }

    private Value Pixels(Value x)
    {
        long[] d = Dims(x);
        if (d[1] % 4 != 0) x = Op("Conv", x, Weight(d[1], 8, d[1], 1, 1));
        d = Dims(x);
        long c = d[1] / 4;
        return _random.Next(6) switch
        {
            0 => Op("DepthToSpace", [x], A("blocksize", 2), new("mode", Any("DCR", "CRD"))),
            1 => Op("DepthToSpace", [x], A("blocksize", 2)),
            2 => Op("Reshape", Transpose(Op("Reshape", x, Longs(-1, c, 2, 2, d[2], d[3])), 0, 1, 4, 2, 5, 3), Longs(-1, c, d[2] * 2, d[3] * 2)),
            3 when d[2] % 2 == 0 && d[3] % 2 == 0 => Op("SpaceToDepth", [x], A("blocksize", 2)),
            4 => Op("Reshape", Transpose(Op("Reshape", x, Longs(0, 2, d[1] / 2, d[2], d[3])), 0, 2, 1, 3, 4), Longs(0, d[1], d[2], d[3])),
            _ => Op("Concat", [Slice(x, 2, 0, int.MaxValue, 2), Slice(x, 2, 0, int.MaxValue, 2)], A("axis", 1)),
        };
    }

    private Value Dense(Value x) => Dense(x, Any(3, 4, 8, 16));

    private Value Dense(Value x, long made)
    {
        long[] d = Dims(x);
        long fan = d[^1];
        if (d.Length == 2 && Chance(2))
        {
            bool turned = Chance(2);
            Value weight = turned ? Weight(fan, made, fan) : Weight(fan, fan, made);
            Value? bias = _random.Next(4) switch { 0 => null, 1 => Scalar(0.3f), 2 => Normal(0.2f, 1, made), _ => Bias(made) };
            return Op("Gemm", [x, weight, bias], A("transB", turned ? 1 : 0), new("alpha", Any(1f, 1f, 1f, 0.5f)), new("beta", Any(1f, 1f, 1f, 2f)));
        }
        Value y = _random.Next(6) switch
        {
            0 => Op("MatMul", x, Transpose(Weight(fan, made, fan), 1, 0)),
            1 when d.Length == 3 => Op("Einsum", [x, Weight(fan, fan, made)], new NodeAttribute("equation", "bij,jk->bik")),
            2 when d.Length == 3 => Op("Reshape", Op("MatMul", Op("Reshape", x, Longs(-1, fan)), Weight(fan, fan, made)), Longs(-1, d[1], made)),
            3 when d.Length == 3 => Op("MatMul", Weight(d[1], d[1], d[1]), x),
            _ => Op("MatMul", x, Weight(fan, fan, made)),
        };
        return Chance(3) ? y : Chance(2) ? Op("Add", y, Bias(Dims(y)[^1])) : Op("Add", Bias(Dims(y)[^1]), y);
    }

    private Value Attention(Value x)
    {
        long[] d = Dims(x);
        long heads = Any(1, 2, 4), size = Any(2, 4, 8), width = heads * size;
        Value other = Chance(5) && _values.FindLast(v => Rank(v) == 3 && Dims(v)[2] == d[2]) is { } found ? found : x;
        long keys = Dims(other)[1];
        float scale = Any(1f, 1f, 1f, 1f, 1.01f) / MathF.Sqrt(size);
        Value q = Heads(Dense(x, width), d[1], false), v = Heads(Dense(other, width), keys, false);
        if (Dims(q) is not [_, _, var rows, _] || rows != d[1]) throw new DoesNotFitException();
        int form = _random.Next(4);
        if (form == 0) q = Op("Mul", q, Scalar(scale));
        Value k = Heads(Dense(other, width), keys, true);
        if (form == 1) k = Op("Mul", k, Scalar(scale));
        Value scores = Op("MatMul", q, k);
        if (form == 2) scores = Op("Div", scores, Scalar(1 / scale));
        if (form == 3) scores = Op("Mul", scores, Scalar(scale));
        scores = _random.Next(5) switch
        {
            0 => Op("Add", scores, Normal(1, heads, d[1], keys)),
            1 => Op("Add", scores, Causal(d[1], keys, Any(-1e9f, float.MinValue, -10000f, float.NegativeInfinity))),
            2 => Op("Where", _builder.Constant(Tensor.Create<bool>([.. Enumerable.Range(0, (int)(d[1] * keys)).Select(i => i % keys <= i / keys)], 1, 1, d[1], keys)), scores, Scalar(-1e9f)),
            _ => scores,
        };
        Value weights = Op("Softmax", [scores], A("axis", Opset < 13 || Chance(2) ? 3 : -1));
        if (Chance(6)) _values.Add(weights);
        Value mixed = Transpose(Op("MatMul", weights, v), 0, 2, 1, 3);
        Value joined = Op("Reshape", mixed, Any(() => Longs(0, 0, width), () => Longs(-1, d[1], width), () => Longs(0, 0, -1))());
        return Chance(4) ? joined : Dense(joined, d[2]);

        Value Heads(Value rows, long length, bool turned)
        {
            if (Dims(rows)[1] != length || Dims(rows)[2] != width) throw new DoesNotFitException();
            Value split = Op("Reshape", rows, Chance(2) ? Longs(0, 0, heads, size) : Longs(-1, length, heads, size));
            return turned ? Chance(2) ? Transpose(split, 0, 2, 3, 1) : Transpose(Transpose(split, 0, 2, 1, 3), 0, 1, 3, 2) : Transpose(split, 0, 2, 1, 3);
        }
    }

    private Value Causal(long rows, long keys, float masked) =>
        Constant([1, 1, rows, keys], [.. Enumerable.Range(0, (int)(rows * keys)).Select(i => i % keys <= i / keys ? 0 : masked)]);

    private Value Recurrent(Value x)
    {
        long[] d = Dims(x);
        string kind = Any("LSTM", "GRU", "RNN", "LSTM");
        long gates = kind switch { "LSTM" => 4, "GRU" => 3, _ => 1 }, hidden = Any(3, 4, 8), directions = Chance(3) ? 2 : 1;
        Value turned = Transpose(x, 1, 0, 2);
        List<NodeAttribute> attributes = [A("hidden_size", hidden), new("direction", directions == 2 ? "bidirectional" : Any("forward", "forward", "reverse"))];
        if (kind == "GRU" && Chance(2)) attributes.Add(A("linear_before_reset", 1));
        if (Chance(6)) attributes.Add(new("clip", 1.5f));
        Value? bias = Chance(3) ? null : Normal(0.2f, directions, 2 * gates * hidden);
        Value?[] inputs = [turned, Weight(d[2], directions, gates * hidden, d[2]), Weight(hidden, directions, gates * hidden, hidden), bias];
        if (kind == "LSTM" && Chance(5)) inputs = [.. inputs, null, null, null, Normal(0.3f, directions, 3 * hidden)];
        Node node = Node(kind, inputs, kind == "LSTM" ? 3 : 2, [.. attributes]);
        if (Chance(3)) return Transpose(node.Outputs[1], 1, 0, 2);
        Value sequence = node.Outputs[0];
        if (directions == 1) return Transpose(Squeeze(sequence, 1), 1, 0, 2);
        return Op("Reshape", Transpose(sequence, 2, 0, 1, 3), Longs(-1, d[1], 2 * hidden));
    }

    // ---- activations, whole and in pieces

    private Value Activation(Value x)
    {
        switch (_random.Next(26))
        {
            case 0 or 1 or 2: return Op("Relu", x);
            case 3: return Clip(x, 0, 6);
            case 4: return Clip(x, Any(0f, -1f, -0.5f, 0.1f), Any(1f, 3f, 6f, 20f));
            case 5: return Op("LeakyRelu", [x], new NodeAttribute("alpha", Any(0.01f, 0.1f, 0.3f, 1.5f)));
            case 6: return Op("PRelu", x, Rank(x) >= 3 ? Normal(0.2f, [Dims(x)[1], .. Ones(Rank(x) - 2)]) : Any(() => Scalar(0.25f), () => Normal(0.2f, Dims(x)[^1]))());
            case 7: return Op("HardSigmoid", [x], new("alpha", Any(0.2f, 1 / 6f, 0.3f)), new NodeAttribute("beta", Any(0.5f, 0.4f)));
            case 8: return Opset >= 14 ? Op("HardSwish", x) : Op("Mul", x, Op("HardSigmoid", [x], new("alpha", 1 / 6f), new NodeAttribute("beta", 0.5f)));
            case 9: return Op("Div", Op("Mul", x, Clip(Op("Add", x, Scalar(3f)), 0, 6)), Scalar(Any(6f, 6f, 5f)));
            case 10: return Op("Mul", x, Op("Div", Clip(Op("Add", x, Scalar(Any(3f, 3f, 2f))), 0, Any(6f, 6f, 5f)), Scalar(6f)));
            case 11 or 12: return Op("Mul", x, Op("Sigmoid", Chance(3) ? Op("Mul", x, Scalar(Any(1.702f, -1f))) : x));
            case 13 or 14:
                Value erf = Op("Add", Op("Erf", Op("Div", x, Scalar(Any(1.4142135f, 1.4142135f, 1.4142135f, 1.4f)))), Scalar(Any(1f, 1f, 1f, 0.9f)));
                return _random.Next(3) switch
                {
                    0 => Op("Mul", Op("Mul", x, erf), Scalar(Any(0.5f, 0.5f, 0.4f))),
                    1 => Op("Mul", Op("Mul", x, Scalar(0.5f)), erf),
                    _ => Op("Mul", x, Op("Mul", erf, Scalar(0.5f))),
                };
            case 15:
                Value cube = Chance(2) ? Op("Pow", x, Scalar(3f)) : Op("Mul", x, Op("Mul", x, x));
                Value inner = Op("Mul", Op("Add", x, Op("Mul", cube, Scalar(Any(0.044715f, 0.044715f, 0.05f)))), Scalar(Any(0.7978846f, 0.7978846f, 0.8f)));
                return Op("Mul", Op("Mul", x, Scalar(0.5f)), Op("Add", Op("Tanh", inner), Scalar(1f)));
            case 16: return Op("Mul", x, Op("Tanh", Op("Softplus", x)));
            case 17: return Opset >= 18 ? Op("Mish", x) : Op("Softplus", x);
            case 18: return Op(Any("Elu", "Selu", "Softplus", "Softsign", "Celu"), x);
            case 19: return Op("Tanh", x);
            case 20: return Op("Sigmoid", x);
            case 21: return Opset >= 20 ? Op("Gelu", [x], new NodeAttribute("approximate", Any("none", "tanh"))) : Op("Erf", x);
            case 22: return Op("Max", x, Op("Mul", x, Scalar(Any(0.1f, 0.01f, -0.1f, 1.2f))));
            case 23: return Op("Sub", Op("Relu", x), Op("Mul", Op("Relu", Op("Neg", x)), ChannelConstant(x)));
            case 24: return Op("Where", Op("Greater", x, Scalar(0f)), x, Op("Mul", x, Scalar(Any(0.1f, 0.2f))));
            default: return Op("Relu", Chance(2) ? Op("Add", x, ChannelConstant(x)) : Op("Neg", x));
        }
    }

    private Value Clip(Value x, float low, float high)
    {
        if (Chance(4)) return Op("Min", Op("Max", x, Scalar(low)), Scalar(high));
        if (Chance(4)) return Op("Max", Op("Min", x, Scalar(high)), Scalar(low));
        return Op("Clip", x, Chance(12) ? null : Scalar(low), Chance(6) ? null : Scalar(high));
    }

    // ---- normalizations

    private Value Normalization(Value x) => Rank(x) switch
    {
        >= 4 => Any<Func<Value, Value>>(BatchNormalization, BatchNormalization, GroupNormalization, InstanceNormalization, LayerNormalization, ChannelNormalization)(x),
        3 => Any<Func<Value, Value>>(LayerNormalization, LayerNormalization, RootMeanSquare, BatchNormalization, InstanceNormalization, GroupNormalization, ChannelNormalization)(x),
        _ => Any<Func<Value, Value>>(LayerNormalization, RootMeanSquare, BatchNormalization)(x),
    };

    private Value BatchNormalization(Value x)
    {
        if (Rank(x) < 2) throw new DoesNotFitException();
        long c = Dims(x)[1];
        float[] variance = [.. Enumerable.Range(0, (int)c).Select(_ => Any(1f, 0.5f, 2f, 0.3f, 0.05f))];
        Value scale = Any(() => Normal(1, c), () => Constant([c], [.. Enumerable.Repeat(1f, (int)c)]), () => Weight(1, c))();
        if (Rank(x) >= 3 && Chance(6)) return Op("Add", Op("Mul", Op("Div", Op("Sub", x, ChannelConstant(x)), Op("Sqrt", Op("Add", Constant([1, c, .. Ones(Rank(x) - 2)], variance), Scalar(1e-3f)))), ChannelConstant(x)), ChannelConstant(x));
        return Op("BatchNormalization", [x, scale, Bias(c), Chance(4) ? Constant([c], new float[c]) : Bias(c), Constant([c], variance)], new NodeAttribute("epsilon", Any(1e-5f, 1e-3f)));
    }

    private Value InstanceNormalization(Value x)
    {
        long c = Dims(x)[1];
        return Op("InstanceNormalization", [x, Normal(1, c), Bias(c)], new NodeAttribute("epsilon", Any(1e-5f, 1e-3f)));
    }

    private Value GroupNormalization(Value x)
    {
        long[] d = Dims(x);
        long groups = d[1] % 2 == 0 ? 2 : 1;
        Value y = Op("InstanceNormalization", [Op("Reshape", x, Longs(0, groups, -1)), Constant([groups], [.. Enumerable.Repeat(Any(1f, 1f, 1.5f), (int)groups)]), Constant([groups], new float[groups])], new NodeAttribute("epsilon", 1e-5f));
        y = Op("Reshape", y, Chance(2) && _builder.Graph.Nodes.Count > 0 ? Op("Shape", x) : Longs([-1, .. d[1..]]));
        if (Dims(y).Length != d.Length) throw new DoesNotFitException();
        return Chance(4) ? y : Op("Add", Op("Mul", y, ChannelConstant(y)), ChannelConstant(y));
    }

    private Value LayerNormalization(Value x)
    {
        long[] d = Dims(x);
        if (Opset >= 17 && Chance(3)) return Op("LayerNormalization", Chance(3) ? [x, Normal(1, d[^1])] : [x, Normal(1, d[^1]), Bias(d[^1])], A("axis", -1), new NodeAttribute("epsilon", Any(1e-5f, 1e-3f, 1e-12f)));
        return Decomposed(x, Chance(8) ? [Rank(x) - 2, Rank(x) - 1] : [Chance(2) ? -1 : Rank(x) - 1], shape: Any<long[]>([d[^1]], [d[^1]], [1L, d[^1]], [1L]));
    }

    /// <summary>A normalization over channels in front, as ConvNeXt's.</summary>
    private Value ChannelNormalization(Value x) => Decomposed(x, [1], [Dims(x)[1], .. Ones(Rank(x) - 2)]);

    private Value Decomposed(Value x, long[] axes, long[] shape)
    {
        Value centred = Op("Sub", x, Reduce("ReduceMean", x, true, axes));
        Value again = Chance(5) ? Op("Sub", x, Reduce("ReduceMean", x, true, axes)) : centred;
        Value squares = Chance(2) ? Op("Pow", again, Scalar(Any(2f, 2f, 2f, 2f, 2f, 3f))) : Op("Mul", again, centred);
        if (Chance(8)) squares = Op("Mul", centred, x);
        Value deviation = Op("Sqrt", Op("Abs", Op("Add", Reduce("ReduceMean", squares, true, axes), Scalar(Any(1e-5f, 1e-6f, 1e-2f, 1f)))));
        if (Chance(2)) deviation = Op("Sqrt", Op("Add", Reduce("ReduceMean", Op("Mul", centred, centred), true, axes), Scalar(Any(1e-5f, 1e-6f, 1e-2f))));
        Value y = Chance(4) ? Op("Mul", centred, Op("Reciprocal", deviation)) : Op("Div", centred, deviation);
        if (!Chance(4)) y = Chance(2) ? Op("Mul", y, Normal(1, shape)) : Op("Mul", Normal(1, shape), y);
        return Chance(4) ? y : Op("Add", y, Normal(0.3f, shape));
    }

    private Value RootMeanSquare(Value x)
    {
        long width = Dims(x)[^1];
        Value squares = Chance(2) ? Op("Pow", x, Scalar(2f)) : Op("Mul", x, x);
        Value root = Op("Sqrt", Op("Add", Reduce("ReduceMean", squares, true, Chance(6) ? 1 : -1), Scalar(Any(1e-6f, 1e-5f, 0.1f))));
        Value y = _random.Next(3) switch { 0 => Op("Div", x, root), 1 => Op("Mul", x, Op("Reciprocal", root)), _ => Op("Mul", x, Op("Div", Scalar(Any(1f, 1f, 2f)), root)) };
        return Chance(4) ? y : Chance(2) ? Op("Mul", y, Normal(1, width)) : Op("Mul", Normal(1, width), y);
    }

    // ---- arithmetic

    private Value Arithmetic(Value x)
    {
        switch (_random.Next(14))
        {
            case 0 or 1: return Op(Any("Mul", "Add", "Sub"), x, ChannelConstant(x));
            case 2: return Op(Any("Mul", "Add", "Sub"), ChannelConstant(x), x);
            case 3: return Op("Div", x, Any(() => Scalar(Any(2f, 3f, -1.5f, 0.7f)), () => Op("Exp", ChannelConstant(x)))());
            case 4: return Op(Any("Mul", "Add", "Sub", "Div"), x, Scalar(Any(1f, 1f, 0.5f, 2f, -1f)));
            case 5: return Op("Mul", x, Scalar(Any(0f, 0f, 1f)));
            case 6: return Op("Pow", Op("Abs", x), Scalar(Any(2f, 0.5f, 1f, 3f)));
            case 7: return Op("Sqrt", Op("Add", Op("Mul", x, x), Scalar(Any(0.1f, 1e-3f))));
            case 8: return Op("Reciprocal", Op("Add", Op("Abs", x), Scalar(0.5f)));
            case 9 or 10:
                Value[] same = [.. _values.Where(v => Same(v, x))];
                return same.Length == 0 ? Op("Neg", x) : Op(Any("Add", "Sub", "Mul", "Max", "Min"), x, same[_random.Next(same.Length)]);
            case 11: return Cast(Op(Any("Mul", "Add"), Cast(x, ElementType.Double), _builder.Constant(Tensor.Scalar(1.5))), ElementType.Float);
            case 12: return Op(Any("Max", "Min"), x, ChannelConstant(x));
            default: return Op("Add", Op("Mul", x, ChannelConstant(x)), ChannelConstant(x));
        }
    }

    // ---- movements

    private Value Movement(Value x)
    {
        long[] d = Dims(x);
        int rank = d.Length, axis = rank > 1 ? _random.Next(1, rank) : throw new DoesNotFitException();
        switch (_random.Next(15))
        {
            case 0: return Slice(x, axis, Any(0, 1), Any(int.MaxValue, (int)d[axis] - 1, -1), Any(1, 1, 2));
            case 1: return Slice(x, axis, -1, int.MinValue, -1);
            case 2 when d[axis] >= 3:
                Value[] parts = Split(x, axis, 1, d[axis] - 1);
                if (Chance(2)) parts[1] = Activation(parts[1]);
                return Op("Concat", Chance(2) ? [parts[1], parts[0]] : parts, A("axis", axis));
            case 3: return Op("Gather", [x, Longs([.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => _random.NextInt64(d[axis]))])], A("axis", axis));
            case 4 when rank > 2: return Op("Gather", [x, _builder.Scalar(_random.NextInt64(d[axis]))], A("axis", axis));
            case 5: return Op("Concat", [.. Enumerable.Range(0, _random.Next(2, 4)).Select(_ => Chance(2) ? x : Activation(x))], A("axis", axis));
            case 6 or 7:
                long[] perm = [.. Enumerable.Range(1, rank - 1).Select(i => (long)i)];
                _random.Shuffle(perm);
                return Transpose(x, [0, .. perm]);
            case 8: return Chance(2) ? Op("Flatten", x) : Op("Reshape", x, Longs(0, -1));
            case 9 when rank > 2: return Op("Reshape", x, Any(() => Longs(0, d[1], -1), () => Longs(0, -1, d[^1]), () => Longs(-1, d[1..].Aggregate((a, b) => a * b)))());
            case 10 when rank == 2 && d[1] % 4 == 0: return Op("Reshape", x, Chance(2) ? Longs(0, d[1] / 4, 2, 2) : Longs(-1, 4, d[1] / 4));
            case 11:
                long[] pads = new long[2 * rank];
                (pads[axis], pads[axis + rank]) = (Any(0, 1, 2), Any(0, 1, -1));
                return Op("Pad", x, Longs(pads), Scalar(Any(0f, 0f, 1f, -0.5f)));
            case 12: return Unsqueeze(Op("Flatten", x), 1);
            case 13 when rank > 2 && Chance(2): return Op("Reshape", x, Op("Concat", [Op("Slice", Op("Shape", x), Longs(0), Longs(2)), Longs(-1)], A("axis", 0)));
            default: return Op(Any("Identity", "Dropout"), x);
        }
    }

    private Value Reduced(Value x)
    {
        int rank = Rank(x), axis = _random.Next(1, rank);
        string op = Any("ReduceMean", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2", "ReduceMin");
        if (rank == 4 && Chance(2)) return Reduce(op, x, Chance(2), Any<long[]>([2L, 3L], [-2L, -1L], [3L, 2L], [-1L, 2L]));
        return Reduce(op, x, Chance(2), Chance(2) ? axis : axis - rank);
    }

    private Value Rare(Value x)
    {
        long[] d = Dims(x);
        switch (_random.Next(9))
        {
            case 0: return Op(Any("Softmax", "Softmax", "LogSoftmax"), [x], A("axis", Opset < 13 ? d.Length - 1 : _random.Next(1, d.Length)));
            case 1:
                Value positive = Op("Exp", Op("Sub", x, Reduce("ReduceMax", x, true, -1)));
                return Op("Div", positive, Reduce("ReduceSum", positive, true, -1));
            case 2: return Branch(x);
            case 3: return Loop(x);
            case 4: return Op("MatMul", x, Transpose(x, [.. Enumerable.Range(0, d.Length - 2).Select(i => (long)i), d.Length - 1, d.Length - 2]));
            case 5 when d.Length > 2: return Op("Div", x, Op("Add", Reduce("ReduceL2", x, true, 1), Scalar(1e-3f)));
            case 6:
                _tails.Add(Op("ArgMax", [x], A("axis", d.Length - 1), A("keepdims", 0)));
                return x;
            case 7: return Op("Expand", Reduce("ReduceMean", x, true, -1), Op("Shape", x));
            default: return Op("CumSum", x, _builder.Scalar((long)(d.Length - 1)));
        }
    }

    private Value Branch(Value x)
    {
        Value condition = Op("Greater", Reduce("ReduceMax", x, false, [.. Enumerable.Range(0, Rank(x)).Select(i => (long)i)]), Scalar(Any(0.5f, -100f, 100f)));
        long made = Any(3, 8);
        Graph Body(string name) => _builder.Subgraph(name, inner =>
        {
            Value weight = inner.Constant(TestTensors.Normal(_random.Next(3), Dims(x)[^1], made));
            Value y = inner.Op("MatMul", x, weight);
            inner.Output($"{name}{_builder.Graph.Nodes.Count}", Chance(2) ? inner.Op("Relu", y) : inner.Op("Mul", inner.Op("Sigmoid", y), inner.Scalar(2f)));
        });
        return Op("If", [condition], new("then_branch", Body("then")), new("else_branch", Body("else")));
    }

    private Value Loop(Value x)
    {
        long width = Dims(x)[^1];
        int id = _builder.Graph.Nodes.Count;
        Graph body = _builder.Subgraph($"body{id}", inner =>
        {
            inner.Input($"i{id}", ElementType.Int64);
            Value again = inner.Input($"again{id}", ElementType.Bool);
            Value state = inner.Input($"state{id}", [.. Dims(x).Select((dim, axis) => axis == 0 ? Dim.Unknown : dim)]);
            Value made = inner.Op("Tanh", inner.Op("MatMul", state, inner.Constant(TestTensors.Normal(_random.Next(), width, width))));
            inner.Output($"again_out{id}", inner.Op("Identity", again)).Output($"next{id}", inner.Op("Add", made, x));
        });
        Value y = Op("Loop", [_builder.Scalar((long)_random.Next(1, 4)), _builder.Scalar(true), x], new NodeAttribute("body", body));
        return y;
    }

    private void Keep(Value value)
    {
        if (Rank(value) > 1 && Dims(value)[0] == Batch) _values.Add(value);
    }

    /// <summary>A value, the last ones more often.</summary>
    private Value Pick() => _values[Math.Max(Math.Max(_random.Next(_values.Count), _random.Next(_values.Count)), _random.Next(_values.Count))];
}
