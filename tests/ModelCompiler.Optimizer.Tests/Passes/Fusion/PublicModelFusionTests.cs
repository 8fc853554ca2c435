using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion;

/// <summary>What is fused of models that others published, and that they answer as before.</summary>
public sealed class PublicModelFusionTests
{
    /// <summary>What stands for the dimensions that a model leaves open, in order; and the pass, with how often it must apply.</summary>
    private static readonly Dictionary<string, (long[] Open, (string Pass, int Count)[] Fusions)> Expected = new()
    {
        [PublicModels.Classifier.Name] = ([2, 48, 192], [("fold-affine-into-producer", 35), ("fuse-hard-swish", 18), ("matmul-add-to-gemm", 1)]),
        [PublicModels.Recognizer.Name] = ([1, 160], [("fold-affine-into-producer", 62), ("fuse-hard-swish", 28), ("fold-affine-into-consumer", 39)]),
        [PublicModels.LineDetector.Name] = ([], [("fold-pad-into-window", 3)]),
        [PublicModels.FaceDetector.Name] = ([], []),
        [PublicModels.WakeWord.Name] = ([], []),
        [PublicModels.VoiceActivity.Name] = ([1, 512, 1], []),
    };

    public static TheoryData<PublicModel> Models => [.. PublicModels.All];

    [Theory]
    [MemberData(nameof(Models))]
    public void Fuses_what_there_is_and_answers_as_before(PublicModel model)
    {
        string path = PublicModels.PathOf(model);
        Model optimized = OnnxReader.Read(path);
        var context = new PassContext(optimized, TargetProfile.CpuPortable);
        PassPipeline.Float.Run(context, TestContext.Current.CancellationToken);

        (long[] open, (string Pass, int Count)[] fusions) = Expected[model.Name];
        foreach ((string pass, int count) in fusions)
            Assert.Equal((pass, count), (pass, context.Events.Count(e => e.Pass == pass && e.Kind == PassEventKind.Applied)));
        Assert.Equal(0, optimized.Graph.Count("BatchNormalization"));
        SameAnswers.Assert(OnnxReader.Read(path), optimized, Inputs(optimized, model, open), 1e-5, model.Name);
    }

    private static (string, TensorBuffer)[] Inputs(Model model, PublicModel source, long[] open)
    {
        var sizes = new Queue<long>(open);
        return [.. model.Graph.Inputs.Where(input => input.Initializer is null).Select((input, i) => (input.Name, Input(input, source, sizes, i)))];
    }

    private static TensorBuffer Input(Value input, PublicModel source, Queue<long> open, int seed)
    {
        long[] dims = [.. input.Shape!.Select(dim => dim.ValueOrNull ?? open.Dequeue())];
        // The only integer among these inputs is a sampling rate.
        if (input.ElementType == ElementType.Int64) return TensorBuffer.Create(dims, [16000L]);
        var random = new Random(seed);
        // The line detector takes bytes as floats; the others are normalized.
        float scale = source == PublicModels.LineDetector ? 255 : 1;
        return TensorBuffer.Create(dims, Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextSingle() * scale).ToArray());
    }
}
