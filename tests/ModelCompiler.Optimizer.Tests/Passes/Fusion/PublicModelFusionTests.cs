using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes.Fusion;

/// <summary>How much is fused of models that others published; that they answer as before is tested with the whole pipeline.</summary>
public sealed class PublicModelFusionTests
{
    public static TheoryData<PublicModel, string, int> Fusions => new()
    {
        { PublicModels.Classifier, "fold-affine-into-producer", 35 },
        { PublicModels.Classifier, "fuse-hard-swish", 18 },
        { PublicModels.Classifier, "matmul-add-to-gemm", 1 },
        { PublicModels.Recognizer, "fold-affine-into-producer", 62 },
        { PublicModels.Recognizer, "fold-affine-into-consumer", 37 },
        { PublicModels.Recognizer, "fuse-hard-swish", 28 },
        { PublicModels.LineDetector, "fold-pad-into-window", 3 },
    };

    [Theory]
    [MemberData(nameof(Fusions))]
    public void Fuses_what_there_is(PublicModel model, string pass, int count)
    {
        Model optimized = OnnxReader.Read(PublicModels.PathOf(model));
        var context = new PassContext(optimized, TargetProfile.CpuPortable);
        PassPipeline.Float.Run(context, TestContext.Current.CancellationToken);
        Assert.Equal(count, context.Events.Count(e => e.Pass == pass && e.Kind == PassEventKind.Applied));
        Assert.Equal(0, optimized.Graph.Count("BatchNormalization"));
    }
}
