using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>
/// Operators in the form that a random operator set has, and constants as exporters write them, of random numbers and shapes. Every node's dimensions are inferred when it is
/// made: what has none, or is large, is no node.
/// </summary>
internal abstract class RandomOperators
{
    private const long LargestValue = 6000;

    protected readonly Random _random;
    protected readonly GraphBuilder _builder;
    protected readonly List<Value> _weights = [];

    protected RandomOperators(int seed)
    {
        _random = new Random(seed);
        _builder = new GraphBuilder(Any(11, 12, 13, 14, 15, 16, 17, 17, 18, 19, 20, 21, 22, 23));
    }

    /// <summary>A block met dimensions that it does not fit: there will be another.</summary>
    protected sealed class DoesNotFitException : Exception;

    public Model Model => _builder.Model;

    protected long Opset => _builder.Model.Opset;

    /// <summary>Weights as large as they are after training, some filters near zero or large; now and then those of another node, or the result of an expression.</summary>
    protected Value Weight(long fan, params long[] dims)
    {
        if (Chance(5) && _weights.Find(w => w.Shape!.ToArray().SequenceEqual(dims)) is { } shared) return shared;
        float[] numbers = TestTensors.Normal(_random.Next(), dims).Floats();
        int row = numbers.Length / (int)dims[0];
        float[] channel = Chance(3) ? [.. Enumerable.Range(0, (int)dims[0]).Select(_ => Any(1f, 1f, 1f, 1e-4f, 0f, 4f))] : [.. Enumerable.Repeat(1f, (int)dims[0])];
        for (int i = 0; i < numbers.Length; i++) numbers[i] *= channel[i / row] / MathF.Sqrt(fan);
        Tensor tensor = Tensor.Create<float>(numbers, dims);
        Value weight = _random.Next(16) switch
        {
            0 => Op("Identity", _builder.Constant(tensor)),
            1 when dims.Length == 2 => Op("Transpose", [_builder.Constant(Turned(tensor))], new NodeAttribute("perm", [1L, 0L])),
            2 => Op("Reshape", _builder.Constant(tensor.Reshaped(tensor.ElementCount)), Longs(dims)),
            3 => Op("Mul", _builder.Constant(tensor), Scalar(0.7f)),
            4 => Cast(_builder.Constant(Tensor.Create<Half>(Array.ConvertAll(numbers, f => (Half)f), dims)), ElementType.Float),
            5 => Op("Constant", [], new NodeAttribute("value", tensor)),
            6 when dims.Length > 2 => Op("DequantizeLinear", _builder.Constant(Tensor.Create<sbyte>(Array.ConvertAll(numbers, f => (sbyte)Math.Clamp(f * 100, -127, 127)), dims)), Scalar(0.01f), _builder.Scalar((sbyte)0)),
            _ => _builder.Constant(tensor, "w"),
        };
        _weights.Add(weight);
        return weight;
    }

    private static Tensor Turned(Tensor tensor)
    {
        (long rows, long columns) = (tensor.Dims[0], tensor.Dims[1]);
        float[] from = tensor.Floats(), to = new float[from.Length];
        for (int i = 0; i < from.Length; i++) to[(i % columns * rows) + (i / columns)] = from[i];
        return Tensor.Create<float>(to, columns, rows);
    }

    /// <summary>A constant that fits along the channels, or along the last axis, in one of the shapes that exporters write.</summary>
    protected Value ChannelConstant(Value x)
    {
        long[] d = Dims(x);
        long c = d.Length > 1 ? d[1] : d[0];
        long[] shape = _random.Next(6) switch
        {
            0 => [],
            1 => [1],
            2 when d.Length > 2 => [c, .. Ones(d.Length - 2)],
            3 or 4 when d.Length > 2 => [1, c, .. Ones(d.Length - 2)],
            _ => Chance(4) ? [.. d[1..]] : [d[^1]],
        };
        int count = (int)shape.Aggregate(1L, (a, b) => a * b);
        return _random.Next(4) switch
        {
            0 => Constant(shape, [.. Enumerable.Repeat(Any(1f, 0.5f, 2f, -1f, 0.1f), count)]),
            1 => Constant(shape, Array.ConvertAll(TestTensors.Normal(_random.Next(), shape.Length == 0 ? [1] : shape).Floats(), f => MathF.Abs(f) + 0.1f)),
            _ => Normal(0.7f, shape),
        };
    }

    protected Value Bias(long count) => Chance(6) && _weights.Find(w => w.Shape!.ToArray() is [var c] && c == count) is { } shared ? shared : Remember(Normal(Any(0.1f, 0.5f, 1f), count));

    private Value Remember(Value weight)
    {
        _weights.Add(weight);
        return weight;
    }

    protected Value Normal(float scale, params long[] shape) =>
        Constant(shape, Array.ConvertAll(TestTensors.Normal(_random.Next(), shape.Length == 0 ? [1] : shape).Floats(), f => f * scale));

    protected Value Constant(long[] shape, params float[] numbers) => _builder.Constant(Tensor.Create<float>(numbers, shape));

    protected Value Scalar(float number) => Chance(4) ? Constant([1], number) : _builder.Scalar(number);

    protected Value Longs(params long[] numbers) => _builder.Constant(Tensor.Vector<long>(numbers));

    protected Value Transpose(Value x, params long[] perm) => Op("Transpose", [x], new NodeAttribute("perm", perm));

    protected Value Cast(Value x, ElementType to) => Op("Cast", [x], A("to", (long)to));

    protected Value Slice(Value x, long axis, long start, long end, long step) => Op("Slice", x, Longs(start), Longs(end), Longs(axis), Longs(step));

    protected Value Squeeze(Value x, params long[] axes) => Opset >= 13 ? Op("Squeeze", x, Longs(axes)) : Op("Squeeze", [x], new NodeAttribute("axes", axes));

    protected Value Unsqueeze(Value x, params long[] axes) => Opset >= 13 ? Op("Unsqueeze", x, Longs(axes)) : Op("Unsqueeze", [x], new NodeAttribute("axes", axes));

    protected Value Reduce(string op, Value x, bool keep, params long[] axes) => Opset >= (op == "ReduceSum" ? 13 : 18)
        ? Op(op, [x, Longs(axes)], A("keepdims", keep ? 1 : 0))
        : Op(op, [x], new("axes", axes), A("keepdims", keep ? 1 : 0));

    protected Value[] Split(Value x, long axis, params long[] sizes) =>
        [.. (Opset >= 13 ? Node("Split", [x, Longs(sizes)], sizes.Length, A("axis", axis)) : Node("Split", [x], sizes.Length, A("axis", axis), new("split", sizes))).Outputs];

    protected Value Op(string op, params ReadOnlySpan<Value?> inputs) => Op(op, inputs, []);

    protected Value Op(string op, ReadOnlySpan<Value?> inputs, params ReadOnlySpan<NodeAttribute> attributes) => Node(op, inputs, 1, attributes).Outputs[0];

    protected Node Node(string op, ReadOnlySpan<Value?> inputs, int outputs, params ReadOnlySpan<NodeAttribute> attributes)
    {
        if (op is "Einsum" or "Celu" && Opset < 12) throw new DoesNotFitException();
        Node node = _builder.Node(op, inputs, outputs, "", attributes);
        Model.InferNode(node);
        foreach (Value output in node.Outputs.ToArray())
            if (output.Shape is not { IsStatic: true } shape || shape.ToArray().Any(dim => dim < 1) || shape.ElementCount > LargestValue) throw new DoesNotFitException();
        return node;
    }

    protected static NodeAttribute A(string name, long value) => new(name, value);

    protected static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];

    protected long[] Each(int count, params int[] choices) => [.. Enumerable.Range(0, count).Select(_ => (long)choices[_random.Next(choices.Length)])];

    protected static long[] Dims(Value value) => value.Shape!.ToArray();

    protected static int Rank(Value value) => value.Shape!.Rank;

    protected static bool Same(Value a, Value b) => Dims(a).SequenceEqual(Dims(b));

    protected bool Chance(int of) => _random.Next(of) == 0;

    protected T Any<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];
}
