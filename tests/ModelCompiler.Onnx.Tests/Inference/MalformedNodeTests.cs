namespace ModelCompiler.Onnx.Tests.Inference;

/// <summary>No rule throws, whatever a file says: random inputs and attributes for every operator, of kinds, ranks and numbers that make no sense.</summary>
public class MalformedNodeTests
{
    private static readonly string[] AttributeNames =
    [
        "axis", "axes", "perm", "kernel_shape", "strides", "dilations", "pads", "auto_pad", "ceil_mode", "group", "output_shape", "output_padding", "to",
        "keepdims", "value", "value_ints", "start", "end", "blocksize", "equation", "split", "num_outputs", "starts", "ends", "k", "batch_dims",
        "hidden_size", "direction", "layout", "num_heads", "kv_num_heads", "qkv_hidden_sizes", "pooled_shape", "output_height", "scales", "shape",
        "dtype", "then_branch", "else_branch", "body", "num_scan_inputs", "scan_input_axes", "scan_output_axes", "N", "bits", "gather_axis",
        "keep_aspect_ratio_policy", "inputdimensions", "ngram_indexes", "noop_with_empty_axes", "allowzero", "transA", "transBatchA", "targets",
        "onesided", "inverse", "channels_last", "new_axis", "output_dtype", "sample_size", "classlabels_ints", "classlabels_strings", "stopwords",
    ];

    private static readonly long[] Extremes = [long.MinValue, int.MinValue, -3, -2, -1, 0, 1, 2, 3, 4, 7, int.MaxValue, long.MaxValue];

    [Theory]
    [MemberData(nameof(RuleTableTests.Known), MemberType = typeof(RuleTableTests))]
    public void Nothing_is_thrown(string domain, string op)
    {
        int seed = 20_240 + op.Length * 31 + op[0];
        for (int i = 0; i < 60; i++)
        {
            Model model = RandomModel(new Random(seed + i), domain, op);
            Exception? thrown = Record.Exception(() => model.InferTypes());
            Assert.True(thrown is null, $"seed {seed + i}: {thrown}");
        }
    }

    private static Model RandomModel(Random random, string domain, string op)
    {
        var graph = new Graph("random");
        var model = new Model(graph);
        model.Opsets[""] = random.Next(7, 24);
        Value?[] inputs = new Value?[random.Next(0, 10)];
        for (int i = 0; i < inputs.Length; i++) inputs[i] = RandomInput(random, graph);
        Node node = graph.AddNode(op, inputs, random.Next(0, 5), domain);
        foreach (string name in AttributeNames)
            if (random.Next(2) == 0) node.Attributes.Set(RandomAttribute(random, graph, name));
        return model;
    }

    private static Value? RandomInput(Random random, Graph graph) => random.Next(9) switch
    {
        0 => null,
        1 => graph.AddInput("", null),
        2 => graph.AddInput("", new SequenceType(random.Next(2) == 0 ? null : RandomTensor(random))),
        3 => graph.AddInput("", new OptionalType(random.Next(2) == 0 ? null : RandomTensor(random))),
        4 => graph.AddInitializer("", Tensor.Vector<long>(RandomNumbers(random))),
        5 => graph.AddInitializer("", random.Next(2) == 0 ? Tensor.Scalar(RandomNumber(random)) : Tensor.Vector(float.NaN, float.PositiveInfinity, -1e30f, 0.5f)),
        6 => graph.AddNode("Shape", [graph.AddInput("", RandomTensor(random))]).Output,
        _ => graph.AddInput("", RandomTensor(random)),
    };

    private static TensorType RandomTensor(Random random)
    {
        var dims = new Dim[random.Next(0, 6)];
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = random.Next(6) switch
            {
                0 => Dim.Unknown,
                1 => Dim.Named("n"),
                2 => Dim.Named("n*m + 1"),
                3 => Dim.Of(random.Next(2) == 0 ? long.MaxValue : 0),
                _ => Dim.Of(random.Next(0, 9)),
            };
        }
        return new TensorType((ElementType)random.Next(0, 23), random.Next(6) == 0 ? null : new Shape(dims));
    }

    private static NodeAttribute RandomAttribute(Random random, Graph graph, string name) => random.Next(9) switch
    {
        0 or 1 or 2 => new NodeAttribute(name, RandomNumber(random)),
        3 or 4 => new NodeAttribute(name, RandomNumbers(random)),
        5 => new NodeAttribute(name, random.Next(2) == 0 ? "SAME_UPPER" : "i...j,jk->...k"),
        6 => new NodeAttribute(name, [0.5f, float.NaN, -1f]),
        7 => new NodeAttribute(name, Tensor.Vector<long>(RandomNumbers(random))),
        _ => new NodeAttribute(name, RandomSubgraph(random, graph)),
    };

    private static Graph RandomSubgraph(Random random, Graph outer)
    {
        var graph = new Graph("body", outer);
        for (int i = random.Next(0, 4); i > 0; i--) graph.AddInput("", random.Next(2) == 0 ? null : RandomTensor(random));
        foreach (Value input in graph.Inputs.ToList())
            graph.AddOutput(random.Next(2) == 0 ? input : graph.AddNode(random.Next(2) == 0 ? "Add" : "Unsqueeze", [input, input]).Output);
        return graph;
    }

    private static long RandomNumber(Random random) => Extremes[random.Next(Extremes.Length)];

    private static long[] RandomNumbers(Random random)
    {
        var numbers = new long[random.Next(0, 6)];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = RandomNumber(random);
        return numbers;
    }
}
