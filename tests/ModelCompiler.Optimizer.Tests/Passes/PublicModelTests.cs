using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes;

/// <summary>Models of others through the passes.</summary>
public sealed class PublicModelTests
{
    // On noise the text detector finds nothing: probabilities that are no more than the rounding of a sigmoid.
    private const double SigmoidRounding = 3e-7;

    public static TheoryData<string> Models => [.. PublicModels.All.Concat(PublicModels.Variants).Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Structural_passes_keep_every_bit_and_come_to_rest(string name)
    {
        Model model = OnnxReader.Read(PublicModels.PathOf(name));
        PipelineAssert.StructuralPassesAreExact(model, [Feeds(model)], name);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_float_pipeline_answers_within_rounding_and_comes_to_rest(string name)
    {
        Model model = OnnxReader.Read(PublicModels.PathOf(name));
        // On noise the line detector's suppression of all but the largest score nearby hangs on the last bit.
        PipelineAssert.FloatPassesAreClose(model, [Feeds(model)], name, SigmoidRounding, unstable: "scores");
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
