using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes;

/// <summary>Models of others through the passes.</summary>
public sealed class PublicModelTests
{
    // Flushing denormals is meant to change bits.
    private static readonly PassPipeline Structural = new([.. PassPipeline.Float.Stages.Where(stage => stage.Name != "fuse")
        .Select(stage => stage with { Passes = [.. stage.Passes.Where(pass => pass is not DenormalFlush)] })]);

    // On noise the text detector finds nothing: probabilities that are no more than the rounding of a sigmoid.
    private const double SigmoidRounding = 3e-7;

    public static TheoryData<string> Models => [.. PublicModels.All.Concat(PublicModels.Variants).Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Structural_passes_keep_every_bit_and_come_to_rest(string name)
    {
        Model model = OnnxReader.Read(PublicModels.PathOf(name));
        Dictionary<string, Tensor> feeds = Feeds(model);
        Tensor[] expected = BitExact.Run(model, feeds);
        var context = new PassContext(model, TargetProfile.CpuPortable);
        Structural.Run(context);
        Assert.NotEqual(0, context.ChangeCount);
        Tensor[] actual = BitExact.Run(model, feeds);
        for (int i = 0; i < expected.Length; i++) BitExact.AreSame(expected[i], actual[i], $"{name}, output {i}");

        var second = new PassContext(model, TargetProfile.CpuPortable);
        Structural.Run(second);
        Assert.Equal([], second.Changes);
        Assert.DoesNotContain(context.Events, e => e.Text.Contains("come to rest", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_float_pipeline_answers_within_rounding_and_comes_to_rest(string name)
    {
        Model model = OnnxReader.Read(PublicModels.PathOf(name));
        Model original = model.Clone();
        PassPipeline.Float.Run(new PassContext(model, TargetProfile.CpuPortable));
        Assert.InRange(OnnxWriter.ToBytes(model).Length, 1, 1.02 * new FileInfo(PublicModels.PathOf(name)).Length);
        Dictionary<string, Tensor> feeds = Feeds(original);
        Tensor[] expected = BitExact.Run(original, feeds), actual = BitExact.Run(model, feeds);
        // On noise the line detector's suppression of all but the largest score nearby hangs on the last bit.
        for (int i = 0; i < expected.Length; i++)
            if (original.Graph.Outputs[i].Name != "scores") SameAnswers.AssertClose(TensorExchange.ToBuffer(expected[i]), TensorExchange.ToBuffer(actual[i]), 1e-5, $"{name}, output {i}", SigmoidRounding);

        var second = new PassContext(model, TargetProfile.CpuPortable);
        PassPipeline.Float.Run(second);
        Assert.Equal([], second.Changes);
    }

    private static Dictionary<string, Tensor> Feeds(Model model)
    {
        using var session = InferenceSession.Open(OnnxWriter.ToBytes(model), new SessionOptions { GraphOptimization = GraphOptimization.None });
        // The voice model takes pieces of 512 samples at one of two rates.
        bool isVoice = session.Inputs.Any(input => input.Name == "state");
        var open = new Dictionary<string, long>();
        foreach (TensorInfo input in session.Inputs)
            for (int axis = 1; axis < input.Shape!.Count; axis++)
                if (input.Shape[axis] < 0) open[$"{input.Name}:{axis}"] = !isVoice ? 64 : input.Name == "input" ? 512 : 1;
        Dictionary<string, Tensor> feeds = RandomInputs.Create(session.Inputs, 1, open).ToDictionary(input => input.Name, input => TensorExchange.ToTensor(input.Value));
        if (feeds.ContainsKey("sr")) feeds["sr"] = Tensor.Scalar(16000L);
        return feeds;
    }
}
