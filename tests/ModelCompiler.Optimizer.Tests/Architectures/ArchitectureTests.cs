using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Architectures;

/// <summary>Architectures as PyTorch exports them (see make.py beside the models), at several sizes of their open dimensions.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Architectures", "Models");

    /// <summary>Model and, for each run, the batch and other open dimensions.</summary>
    public static TheoryData<string, string[]> Models => new()
    {
        { "resnet", ["1", "3"] },
        { "mobilenet_v2", ["1", "2"] },
        { "mobilenet_v3", ["1", "2"] },
        { "efficientnet", ["1", "2"] },
        { "densenet", ["1", "2"] },
        { "inception", ["1", "2"] },
        { "shufflenet", ["1", "3"] },
        { "convnext", ["1", "2"] },
        { "swin", ["1", "2"] },
        { "bert", ["1;length=1", "2;length=7", "1;length=32"] },
        { "decoder", ["1;length=5;past=0", "1;length=1;past=6", "1;length=3;past=2"] },
        { "recurrent", ["1;time=1", "2;time=9"] },
        { "unet", ["1;height=33;width=22", "1;height=16;width=24"] },
        { "wave", ["1;samples=400", "2;samples=641"] },
        { "autoencoder", ["1;height=8;width=8", "1;height=5;width=9"] },
        { "greedy", ["1"] },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Structural_passes_keep_every_bit_and_come_to_rest(string name, string[] runs)
    {
        Model model = OnnxReader.Read(Path.Combine(Folder, name + ".onnx"));
        PipelineAssert.StructuralPassesAreExact(model, runs.Select(run => Feeds(model, run)), name);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_float_pipeline_answers_within_rounding_and_comes_to_rest(string name, string[] runs)
    {
        Model model = OnnxReader.Read(Path.Combine(Folder, name + ".onnx"));
        PipelineAssert.FloatPassesAreClose(model, runs.Select(run => Feeds(model, run)), name);
    }

    private static Dictionary<string, Tensor> Feeds(Model model, string run)
    {
        string[] parts = run.Split(';');
        Dictionary<string, long> sizes = parts.Skip(1).Select(part => part.Split('=')).ToDictionary(pair => pair[0], pair => long.Parse(pair[1], CultureInfo.InvariantCulture));
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model));
        long batch = long.Parse(parts[0], CultureInfo.InvariantCulture);
        Dictionary<string, Tensor> feeds = RandomInputs.Create(session.Inputs, (int)batch, sizes).ToDictionary(input => input.Name, input => TensorExchange.ToTensor(input.Value));
        // The number of steps of the decoding loop.
        if (feeds.ContainsKey("most")) feeds["most"] = Tensor.Scalar(6L);
        return feeds;
    }
}
