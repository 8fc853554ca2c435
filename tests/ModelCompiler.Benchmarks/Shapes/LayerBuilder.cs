using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Data;

namespace ModelCompiler.Benchmarks.Shapes;

/// <summary>Writes networks down layer by layer, with random weights of the variance that keeps signals alive (He et al. 2015): enough to time them.</summary>
internal sealed class LayerBuilder
{
    private readonly Random _random = new(1);

    public LayerBuilder()
    {
        Model = new Model(new Graph("shape")) { IrVersion = 8 };
        Model.Opsets[""] = 17;
    }

    public Model Model { get; }

    private Graph Graph => Model.Graph;

    public Value Input(string name, params ReadOnlySpan<long> shape) => Input(name, ElementType.Float, shape);

    /// <summary>An input whose first dimension, the batch, is open.</summary>
    public Value Input(string name, ElementType type, params ReadOnlySpan<long> shape)
    {
        Dim[] dims = [Dim.Named("batch"), .. shape.ToArray().Select(size => (Dim)size)];
        return Graph.AddInput(name, new TensorType(type, new Shape(dims)));
    }

    public Model Output(string name, Value value)
    {
        Graph.Rename(value, name);
        Graph.AddOutput(value);
        Model.InferTypes();
        return Model;
    }

    public Value Op(string opType, params ReadOnlySpan<Value?> inputs) => Graph.AddNode(opType, inputs).Outputs[0];

    public Value Op(string opType, ReadOnlySpan<Value?> inputs, params ReadOnlySpan<NodeAttribute> attributes)
    {
        Node node = Graph.AddNode(opType, inputs);
        foreach (NodeAttribute attribute in attributes) node.Attributes.Set(attribute);
        return node.Outputs[0];
    }

    public Value Constant<T>(params ReadOnlySpan<T> values) where T : unmanaged => Graph.AddInitializer("c", Tensor.Vector(values));

    public Value Scalar(float value) => Graph.AddInitializer("s", Tensor.Scalar(value));

    /// <summary>Normal weights of variance <paramref name="gain"/> / fan-in.</summary>
    public Value Weights(double gain, int fanIn, params ReadOnlySpan<long> dims)
    {
        long count = 1;
        foreach (long dim in dims) count *= dim;
        var values = new float[count];
        double deviation = Math.Sqrt(gain / fanIn);
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(deviation * _random.NextNormal());
        return Graph.AddInitializer("w", Tensor.Create<float>(values, dims));
    }

    /// <summary>Convolution with bias, padded to keep the size.</summary>
    public Value Conv(Value x, int inputs, int outputs, int kernel, int stride = 1, int group = 1, double gain = 2)
    {
        int pad = kernel / 2, perGroup = inputs / group;
        Value weights = Weights(gain, perGroup * kernel * kernel, outputs, perGroup, kernel, kernel), bias = Weights(0.01, 1, outputs);
        return Op("Conv", [x, weights, bias], new("kernel_shape", [kernel, kernel]), new("strides", [stride, stride]), new("pads", [pad, pad, pad, pad]), new("group", (long)group));
    }

    public Value Relu(Value x) => Op("Relu", x);

    /// <summary>Dense layer on the last axis.</summary>
    public Value Dense(Value x, int inputs, int outputs, double gain = 1) => Op("Add", Op("MatMul", x, Weights(gain, inputs, inputs, outputs)), Weights(0.01, 1, outputs));

    public Value LayerNorm(Value x, int size) =>
        Op("LayerNormalization", [x, Ones(size), Weights(0.01, 1, size)], new NodeAttribute("axis", -1L));

    /// <summary>x·Φ(x), as exporters write it.</summary>
    public Value Gelu(Value x) => Op("Mul", Op("Mul", x, Op("Add", Op("Erf", Op("Div", x, Scalar(1.41421356f))), Scalar(1))), Scalar(0.5f));

    public Value GlobalPool(Value x) => Op("Flatten", Op("GlobalAveragePool", x));

    /// <summary>Self-attention and a feed-forward network, each behind its normalization, with residuals: [batch, tokens, size] to the same.</summary>
    public Value TransformerLayer(Value x, int tokens, int size, int heads, int inner)
    {
        Value normal = LayerNorm(x, size);
        Value q = Heads(Dense(normal, size, size), tokens, heads, size / heads), v = Heads(Dense(normal, size, size), tokens, heads, size / heads);
        Value k = Op("Transpose", [Op("Reshape", Dense(normal, size, size), Constant(0L, tokens, heads, size / heads))], new NodeAttribute("perm", [0L, 2, 3, 1]));
        Value scores = Op("Mul", Op("MatMul", q, k), Scalar(1 / MathF.Sqrt(size / heads)));
        Value mixed = Op("MatMul", Op("Softmax", [scores], new NodeAttribute("axis", -1L)), v);
        Value joined = Op("Reshape", Op("Transpose", [mixed], new NodeAttribute("perm", [0L, 2, 1, 3])), Constant(0L, tokens, size));
        Value attended = Op("Add", x, Dense(joined, size, size));
        return Op("Add", attended, Dense(Gelu(Dense(LayerNorm(attended, size), size, inner)), inner, size));
    }

    private Value Heads(Value x, int tokens, int heads, int depth) =>
        Op("Transpose", [Op("Reshape", x, Constant(0L, tokens, heads, depth))], new NodeAttribute("perm", [0L, 2, 1, 3]));

    private Value Ones(int size)
    {
        var values = new float[size];
        Array.Fill(values, 1f);
        return Graph.AddInitializer("ones", Tensor.Vector<float>(values));
    }
}
