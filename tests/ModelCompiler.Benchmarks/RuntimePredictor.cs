using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ModelCompiler.Onnx;
using ModelCompiler.Runtime;

namespace ModelCompiler.Benchmarks;

/// <summary>What the generator makes of a model of one float input and one float output, the first dimension of both its batch.</summary>
internal sealed class RuntimePredictor(PredictorDescription description, PredictorOptions options) : Predictor(description, options)
{
    /// <summary>Elements of the input of one sample.</summary>
    public int SampleSize { get; } = description.Inputs[0].Shape!.Skip(1).Aggregate(1, (product, dim) => product * (int)dim.Size);

    /// <summary>For a model whose sizes are open.</summary>
    public PredictionTensor<float> PredictAny(ReadOnlySpan<float> x)
    {
        using var call = StartCall();
        call.SetInput(0, x);
        call.Run();
        return call.GetOutput<float>(0);
    }

    /// <summary>For a model of the shape [1, 16].</summary>
    public Output Predict(ReadOnlySpan<float> x)
    {
        using var call = StartCall();
        call.SetInput(0, x);
        call.Run();
        return new Output(call);
    }

    /// <inheritdoc cref="Predict(ReadOnlySpan{float})"/>
    public Output Predict(in Sample sample)
    {
        using var call = StartCall();
        call.SetInput(0, sample.X.Span);
        call.Run();
        return new Output(call);
    }

    public void PredictInto(ReadOnlySpan<float> x, Span<float> y)
    {
        using var call = StartCall();
        call.SetInput(0, x);
        call.Run();
        call.CopyOutput(0, y);
    }

    public void PredictInto(in Sample sample, Span<float> y)
    {
        using var call = StartCall();
        call.SetInput(0, sample.X.Span);
        call.Run();
        call.CopyOutput(0, y);
    }

    public PredictionTensor<float>[] PredictBatch(IReadOnlyList<Sample> inputs) => RunBatch(Batching.Instance, inputs, default);

    public Task<PredictionTensor<float>> PredictAsync(Sample input) => RunShared(Batching.Instance, input, default);

    public Request CreateRequest() => new(this);

    /// <summary>Layers of y = relu(x · w), each as wide as the input; the model is written into <paramref name="folder"/>.</summary>
    public static RuntimePredictor Create(string folder, Dim batch, int width, int layers, PredictorOptions options)
    {
        var model = new Model(new Graph("benchmark")) { IrVersion = 8 };
        model.Opsets[""] = 17;
        var type = new TensorType(ElementType.Float, new Shape(batch, width));
        Value value = model.Graph.AddInput("x", type);
        var random = new Random(1);
        for (int i = 0; i < layers; i++)
        {
            float[] weights = [.. Enumerable.Range(0, width * width).Select(_ => (random.NextSingle() - 0.5f) / width)];
            value = model.Graph.AddNode("Relu", [model.Graph.AddNode("MatMul", [value, model.Graph.AddInitializer("w", Tensor.Create<float>(weights, width, width))]).Output]).Output;
        }
        value.Type = type;
        model.Graph.AddOutput(value);
        string path = Path.Combine(folder, $"benchmark-{width}-{layers}-{batch}.onnx");
        OnnxWriter.Write(model, path);
        return Of(path, options);
    }

    /// <summary>A predictor for the model in a file.</summary>
    public static RuntimePredictor Of(string path, PredictorOptions options)
    {
        Graph graph = OnnxReader.Read(path).Graph;
        var description = new PredictorDescription
        {
            Model = new ModelFile(path, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)))),
            Inputs = [Spec(graph.Inputs[0])],
            Outputs = [Spec(graph.Outputs[0])],
            MinimumRuntimeVersion = "0.1.0",
            MinimumOrtApiVersion = 15,
            Batch = new BatchLimits(null, 64, 0),
        };
        return new RuntimePredictor(description, options);
    }

    private static TensorSpec Spec(Value value) => new(value.Name, TensorElementType.Float32, [.. value.TensorType!.Shape!.Select(dim => dim.ValueOrNull is { } size ? TensorDimension.FromInt64(size) : TensorDimension.FromString("N"))]);

    /// <summary>The inputs of one sample.</summary>
    internal readonly struct Sample
    {
        public required ReadOnlyMemory<float> X { get; init; }
    }

    /// <summary>The outputs of the model of a fixed shape.</summary>
    internal readonly struct Output
    {
        private readonly InlineTensor<float, YElements> _y;

        internal Output(scoped in PredictorCall call)
        {
            _y = call.GetInline<float, YElements>(0);
        }

        [UnscopedRef]
        public ref readonly InlineTensor<float, YElements> Y => ref _y;

        [InlineArray(16)]
        public struct YElements : IInlineElements
        {
            private static readonly long[] Dimensions = [1, 16];

            private float _first;

            public static ReadOnlySpan<long> Shape => Dimensions;

            public static IReadOnlyList<string>? Labels => null;
        }
    }

    internal sealed class Request(RuntimePredictor predictor) : PredictorRequest(predictor)
    {
        public Span<float> X => InputAt<float>(0);

        public ReadOnlySpan<float> Y => OutputAt<float>(0);
    }

    private sealed class Batching : Batching<Sample, PredictionTensor<float>>
    {
        public static readonly Batching Instance = new();

        public override void Check(SampleCheck check, in Sample input) => check.Sample(0, input.X.Span);

        public override bool CanShare(in Sample first, in Sample other) => true;

        public override void Write(PredictorCall call, in Sample input, int sample, int count) => call.SetSample(0, sample, count, input.X.Span);

        public override PredictionTensor<float> Read(PredictorCall call, int sample, int count) => call.GetSample<float>(0, sample, count);
    }
}
