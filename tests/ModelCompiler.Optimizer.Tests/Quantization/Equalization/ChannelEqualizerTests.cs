using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Equalization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Equalization;

public class ChannelEqualizerTests
{
    private readonly GraphBuilder _g = new();

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void In_floating_point_nothing_changes(double strength)
    {
        Value x = _g.Op("Relu", Conv(_g.Input("x", 1, 6, 8, 8), 6, 8, 1));
        x = _g.Op("MaxPool", [_g.Op("LeakyRelu", Conv(x, 8, 8, 2, group: 8))], new NodeAttribute("kernel_shape", [2L, 2]));
        x = _g.Op("Flatten", _g.Op("GlobalAveragePool", Conv(x, 8, 12, 3)));
        x = _g.Op("LayerNormalization", x, _g.Weights(7, 12), _g.Weights(8, 12));
        Value a = _g.Op("MatMul", x, _g.Weights(9, 12, 5)), b = _g.Op("Gemm", x, _g.Weights(10, 12, 5), _g.Weights(11, 5));
        _g.Output("y", _g.Op("Add", a, b));
        _g.Model.InferTypes();
        float[] before = Run();
        float[] weights = _g.Graph.Nodes.First(node => node.Is("Conv")).Constant(1)!.Floats();
        // Into both convolutions behind activations, with what their activations read, and the two products behind the normalization.
        Assert.Equal(2 + 3 + 1, Equalize(strength).Count);
        Assert.NotEqual(weights, _g.Graph.Nodes.First(node => node.Is("Conv")).Constant(1)!.Floats());
        float[] after = Run();
        for (int i = 0; i < before.Length; i++) Assert.Equal(before[i], after[i], 1e-4f * (1 + MathF.Abs(before[i])));
    }

    [Fact]
    public void A_depthwise_convolution_reads_channels_of_equal_magnitude()
    {
        Value between = _g.Op("Relu", Conv(_g.Input("x", 1, 6, 8, 8), 6, 8, 1));
        _g.Output("y", Conv(between, 8, 8, 2, group: 8));
        _g.Model.InferTypes();
        Equalize(0.5);
        _g.Graph.AddOutput(between);
        float[] values = Run(output: 1);
        float[] largest = [.. Enumerable.Range(0, 8).Select(c => values.AsSpan(c * 64, 64).ToArray().Max())];
        Assert.All(largest.Where(m => m > 0), m => Assert.Equal(largest.Max(), m, 1e-3f * largest.Max()));
    }

    [Fact]
    public void Weights_of_a_channel_that_no_sample_has_heard_of_become_as_large_as_the_others()
    {
        float[] bias = new float[8], next = _g.Weights(2, 5, 8, 1, 1).Initializer!.Floats();
        bias[3] = -1e6f;
        // A thousand times the others, with which they share a step.
        for (int o = 0; o < 5; o++) next[o * 8 + 3] *= 1000;
        Value between = _g.Op("Relu", _g.Op("Conv", _g.Input("x", 1, 6, 8, 8), _g.Weights(1, 8, 6, 1, 1), _g.Constant(bias)));
        _g.Output("y", _g.Op("Conv", between, _g.Constant(Tensor.Create<float>(next, [5, 8, 1, 1]))));
        _g.Model.InferTypes();
        Assert.NotEmpty(Equalize(0.5));
        float[] weights = _g.Graph.Nodes.Last(node => node.Is("Conv")).Constant(1)!.Floats();
        float[] largest = [.. Enumerable.Range(0, 8).Select(c => Enumerable.Range(0, 5).Max(o => MathF.Abs(weights[o * 8 + c])))];
        Assert.InRange(largest[3], largest.Where((_, c) => c != 3).Min(), largest.Where((_, c) => c != 3).Max());
    }

    [Fact]
    public void A_value_that_something_else_reads_is_left_alone()
    {
        Value between = _g.Op("Relu", Conv(_g.Input("x", 1, 6, 8, 8), 6, 8, 1));
        _g.Output("y", Conv(between, 8, 8, 2));
        _g.Output("z", _g.Op("Exp", between));
        _g.Model.InferTypes();
        Assert.Empty(Equalize(0.5));
    }

    [Fact]
    public void The_tensors_that_have_other_elements_are_named()
    {
        Value x = _g.Op("Add", _g.Op("MatMul", _g.Input("x", 6, 8), _g.Weights(1, 8, 12)), _g.Weights(2, 12));
        x = _g.Op("MatMul", _g.Op("Relu", x), _g.Weights(3, 12, 5));
        _g.Output("y", _g.Op("MatMul", _g.Op("Exp", x), _g.Weights(4, 5, 3)));
        _g.Model.InferTypes();
        (string, TensorBuffer)[] sample = [("x", TensorBuffer.Create([6, 8], TestTensors.Normal(3, 6, 8).Floats()))];
        Dictionary<string, float[]> before = Tensors(sample);
        IReadOnlySet<string> changed = ChannelEqualizer.Equalize(_g.Model, ChannelEqualizer.Largest(_g.Model, [sample], TestContext.Current.CancellationToken), 0.5);
        Assert.Equal(3, changed.Count);
        foreach ((string name, float[] elements) in Tensors(sample))
        {
            bool isChanged = elements.Zip(before[name]).Any(pair => MathF.Abs(pair.First - pair.Second) > 1e-3f * MathF.Abs(pair.Second));
            Assert.Equal(changed.Contains(name), isChanged);
        }
    }

    [Fact]
    public void A_trained_network_whose_channels_were_unbalanced_keeps_its_accuracy()
    {
        Model model = OnnxReader.Read(Repository.DigitsModel);
        PassPipeline.BeforeQuantization.Run(new PassContext(model, TargetProfile.CpuPortable), TestContext.Current.CancellationToken);
        var random = new Random(5);
        int links = 0;
        foreach (Value value in model.Graph.Nodes.Select(node => node.Outputs[0]).ToArray())
        {
            if (ChannelLink.EndingAt(value) is not { } link) continue;
            links++;
            link.Divide([.. Enumerable.Range(0, link.Channels.Channels).Select(_ => Math.Pow(10, random.NextDouble() * 4 - 2))]);
        }
        Assert.True(links >= 2);
        CompileResult result = Compiler.Compile(model, new CompileOptions
        {
            Precision = Precision.Int8,
            CalibrationPath = Repository.DigitsCalibration,
            EvaluationPath = Repository.DigitsEvaluation,
            MeasureLatency = false,
        }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("equalization", result.Plan.Choices.Keys);
        Assert.Equal(0, result.FloatNodes);
        Assert.InRange(result.Accuracy!.Value.Compiled, result.Accuracy.Value.Source - 0.1, 100);
    }

    private Value Conv(Value x, int inputs, int outputs, int seed, int group = 1) =>
        _g.Op("Conv", [x, _g.Weights(seed, outputs, inputs / group, 1, 1), _g.Weights(seed + 50, outputs)], new NodeAttribute("group", group));

    private static IReadOnlyList<(string, TensorBuffer)> Sample() => [("x", TensorBuffer.Create([1, 6, 8, 8], TestTensors.Normal(3, 1, 6, 8, 8).Floats()))];

    private IReadOnlySet<string> Equalize(double strength) =>
        ChannelEqualizer.Equalize(_g.Model, ChannelEqualizer.Largest(_g.Model, [Sample()], TestContext.Current.CancellationToken), strength);

    private Dictionary<string, float[]> Tensors((string, TensorBuffer)[] sample)
    {
        string[] names = [.. _g.Graph.Nodes.Select(node => node.Outputs[0].Name)];
        using var session = TappedSession.Open(_g.Model, names, GraphOptimization.None);
        session.Run(sample, TestContext.Current.CancellationToken);
        return names.ToDictionary(name => name, name => session.Elements(name).ToArray());
    }

    private float[] Run(int output = 0)
    {
        using InferenceSession session = InferenceSession.Open(OnnxWriter.ToBytes(_g.Model));
        return session.Run(Sample())[output].AsSpan<float>().ToArray();
    }
}
