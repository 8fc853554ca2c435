using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>
/// Random typed graphs, the same for the same seed, of the operators and constants that cleanup and folding look for: neutral and special numbers,
/// chains of movements, repeated expressions, shape arithmetic, constant and computed branches. Some input dimensions have a symbol only.
/// </summary>
internal sealed class RandomGraph
{
    private static readonly float[] Numbers = [0f, -0f, 1f, -1f, 2f, 0.5f, 6f, float.NaN, float.PositiveInfinity, 1e-40f];

    private readonly Random _random;
    private readonly GraphBuilder _builder;
    private readonly List<Entry> _values;
    private readonly int _depth;

    /// <summary>A value and the dimensions that it has at run time.</summary>
    private readonly record struct Entry(Value Value, long[] Dims, ElementType Type);

    private RandomGraph(Random random, GraphBuilder builder, List<Entry> values, int depth)
    {
        _random = random;
        _builder = builder;
        _values = values;
        _depth = depth;
    }

    /// <summary>A model, and what to feed it.</summary>
    public static (Model Model, Dictionary<string, Tensor> Feeds) Create(int seed)
    {
        var random = new Random(seed);
        var graph = new RandomGraph(random, new GraphBuilder(random.Next(13, 19)), [], 0);
        var feeds = new Dictionary<string, Tensor>();
        for (int i = random.Next(1, 4); i > 0; i--) graph.AddInput($"in{i}", feeds);
        for (int i = random.Next(4, 30); i > 0; i--) graph.AddNode();
        graph.AddOutputs();
        return (graph._builder.Model, feeds);
    }

    private void AddInput(string name, Dictionary<string, Tensor> feeds)
    {
        long[] dims = Dims();
        Dim[] declared = [.. dims.Select((dim, axis) => _random.Next(3) > 0 ? dim : Dim.Named($"{name}_{axis}"))];
        _values.Add(new Entry(_builder.Input(name, declared), dims, ElementType.Float));
        feeds.Add(name, _random.Next(2) == 0 ? TestTensors.Special(dims) : TestTensors.Normal(_random.Next(), dims));
    }

    private void AddOutputs()
    {
        var outputs = new HashSet<Value>();
        for (int i = _random.Next(1, 4); i > 0; i--) outputs.Add(Pick().Value);
        outputs.Add(_values[^1].Value);
        int number = 0;
        // Inputs and outer values are handed on under a name of their own.
        foreach (Value value in outputs) _builder.Output($"out{_depth}_{number++}_{_random.Next(1000)}", value.Producer is { } p && p.Graph == _builder.Graph ? value : _builder.Op("Identity", value));
    }

    private void AddNode()
    {
        Entry x = Pick();
        switch (_random.Next(16))
        {
            case 0 or 1: Keep(x, _builder.Op(Any("Neg", "Abs", "Relu", "Exp", "Floor", "Identity", "Sigmoid", "Relu"), x.Value)); break;
            case 2 or 3 or 4: AddArithmetic(x); break;
            case 5: Keep(x, _builder.Op("Clip", x.Value, Bound(), Bound())); break;
            case 6: AddTranspose(x); break;
            case 7 or 8: AddReshape(x); break;
            case 9: AddSlice(x); break;
            case 10: Keep(x, Cast(Cast(x.Value, Any(ElementType.Double, ElementType.Float16, ElementType.Float)), ElementType.Float)); break;
            case 11: AddConcat(x); break;
            case 12: AddShapeArithmetic(x); break;
            case 13: Keep(x, _builder.Op("Dropout", x.Value)); break;
            case 14 when _depth == 0: AddBranch(x); break;
            case 15 when _depth == 0: AddLoop(x); break;
            default: Keep(x, _builder.Op("Pad", x.Value, _builder.Constant(new long[2 * x.Dims.Length]))); break;
        }
    }

    private void AddArithmetic(Entry x)
    {
        // The same operands again and again, so that expressions repeat.
        List<Entry> same = _values.FindAll(v => v.Dims.SequenceEqual(x.Dims));
        Value other = _random.Next(3) switch
        {
            0 => same[_random.Next(same.Count)].Value,
            1 => Constant([.. x.Dims.Select(dim => _random.Next(2) == 0 ? 1 : dim)]),
            _ => Constant([]),
        };
        string op = Any("Add", "Sub", "Mul", "Div", "Max");
        Keep(x, _random.Next(2) == 0 ? _builder.Op(op, x.Value, other) : _builder.Op(op, other, x.Value));
    }

    private void AddTranspose(Entry x)
    {
        long[] perm = [.. Enumerable.Range(0, x.Dims.Length).Select(i => (long)i)];
        if (_random.Next(3) > 0) _random.Shuffle(perm);
        Add(_builder.Op("Transpose", [x.Value], new NodeAttribute("perm", perm)), Array.ConvertAll(perm, axis => x.Dims[axis]));
    }

    private void AddReshape(Entry x)
    {
        long count = x.Dims.Aggregate(1L, (a, b) => a * b);
        switch (_random.Next(4))
        {
            case 0:
                Add(_builder.Op("Reshape", x.Value, _builder.Constant([-1L])), [count]);
                break;
            case 1:
                Add(_builder.Op("Unsqueeze", x.Value, _builder.Constant([0L])), [1, .. x.Dims]);
                break;
            case 2 when x.Dims is [1, _, ..]:
                Add(_builder.Op("Squeeze", x.Value, _builder.Constant([0L])), x.Dims[1..]);
                break;
            default:
                int axis = _random.Next(x.Dims.Length + 1);
                long rows = x.Dims[..axis].Aggregate(1L, (a, b) => a * b);
                Add(_builder.Op("Flatten", [x.Value], new NodeAttribute("axis", (long)axis)), [rows, count / rows]);
                break;
        }
    }

    private void AddSlice(Entry x)
    {
        if (x.Dims.Length == 0) return;
        int axis = _random.Next(x.Dims.Length);
        long size = x.Dims[axis], start = _random.NextInt64(size), end = _random.Next(2) == 0 ? long.MaxValue : start + 1 + _random.NextInt64(size - start);
        long[] dims = [.. x.Dims];
        dims[axis] = Math.Min(end, size) - start;
        Add(_builder.Op("Slice", x.Value, _builder.Constant([start]), _builder.Constant([end]), _builder.Constant([(long)axis])), dims);
    }

    private void AddConcat(Entry x)
    {
        if (x.Dims.Length == 0) return;
        int count = _random.Next(1, 3), axis = _random.Next(x.Dims.Length);
        if (x.Dims[axis] > 8) count = 1;
        long[] dims = [.. x.Dims];
        dims[axis] *= count;
        Add(_builder.Op("Concat", Enumerable.Repeat<Value?>(x.Value, count).ToArray(), new NodeAttribute("axis", (long)axis)), dims);
    }

    /// <summary>Reshape to the tensor's own shape, gathered and put together again.</summary>
    private void AddShapeArithmetic(Entry x)
    {
        if (x.Dims.Length == 0) return;
        Value shape = _builder.Op("Shape", x.Value);
        Value[] sizes = [.. x.Dims.Select((_, axis) => _builder.Op("Unsqueeze", _builder.Op("Gather", shape, _builder.Scalar((long)axis)), _builder.Constant([0L])))];
        Keep(x, _builder.Op("Reshape", x.Value, _builder.Op("Concat", sizes, new NodeAttribute("axis", 0L))));
    }

    private void AddBranch(Entry x)
    {
        Value condition = _random.Next(2) == 0
            ? _builder.Scalar(_random.Next(2) == 0)
            : _builder.Op("Greater", _builder.Op("ReduceMax", [x.Value], new NodeAttribute("keepdims", 0L)), _builder.Scalar(0.5f));
        Graph Branch(string name) => _builder.Subgraph(name, inner => inner.Output($"{name}{_values.Count}", Inner(inner, x)));
        Keep(x, _builder.Op("If", [condition], new("then_branch", Branch("then")), new("else_branch", Branch("else"))));
    }

    private void AddLoop(Entry x)
    {
        int id = _values.Count;
        Graph body = _builder.Subgraph("body", inner =>
        {
            inner.Input($"i{id}", ElementType.Int64);
            Value again = inner.Input($"again{id}", ElementType.Bool);
            var state = new Entry(inner.Input($"state{id}", [.. x.Dims.Select(_ => Dim.Unknown)]), x.Dims, ElementType.Float);
            inner.Output($"again_out{id}", inner.Op("Identity", again)).Output($"next{id}", Inner(inner, state));
        });
        Keep(x, _builder.Op("Loop", [_builder.Scalar((long)_random.Next(1, 4)), _builder.Scalar(true), x.Value], new NodeAttribute("body", body)));
    }

    /// <summary>A few nodes in a subgraph that may read everything outside; the result has the dimensions of <paramref name="x"/>.</summary>
    private Value Inner(GraphBuilder builder, Entry x)
    {
        var graph = new RandomGraph(_random, builder, [.. _values, x], _depth + 1);
        for (int i = _random.Next(1, 6); i > 0; i--) graph.AddNode();
        List<Entry> fitting = graph._values.FindAll(v => v.Dims.SequenceEqual(x.Dims));
        return builder.Op("Add", x.Value, fitting[^1].Value);
    }

    private Value? Bound() => _random.Next(4) == 0 ? null : _builder.Scalar((float)_random.Next(-2, 7));

    private Value Cast(Value x, ElementType to) => _builder.Op("Cast", [x], new NodeAttribute("to", (long)to));

    /// <summary>One number throughout, often a neutral one, or different ones; now and then the result of a constant expression.</summary>
    private Value Constant(long[] dims)
    {
        float number = Numbers[_random.Next(Numbers.Length)];
        Tensor tensor = _random.Next(3) == 0
            ? TestTensors.Normal(_random.Next(3), dims)
            : Tensor.Create<float>(Enumerable.Repeat(number, (int)dims.Aggregate(1L, (a, b) => a * b)).ToArray(), dims);
        Value constant = _random.Next(2) == 0 ? _builder.Constant(tensor) : _builder.Op("Constant", [], new NodeAttribute("value", tensor));
        return _random.Next(3) == 0 ? _builder.Op(Any("Neg", "Sqrt", "Identity"), constant) : constant;
    }

    private long[] Dims() => [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => (long)_random.Next(1, 5))];

    private Entry Pick() => _values[Math.Max(_random.Next(_values.Count), _random.Next(_values.Count))];

    private T Any<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    private void Keep(Entry like, Value value) => Add(value, like.Dims);

    private void Add(Value value, long[] dims) => _values.Add(new Entry(value, dims, ElementType.Float));
}
