using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Passes.Cleanup;
using ModelCompiler.Optimizer.Targets;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Support;

/// <summary>What the float pipeline promises for every model.</summary>
internal static class PipelineAssert
{
    // What a file may gain: names and types.
    private const double MaxGrowth = 1.02;
    private const int NamesBytes = 2048;

    // Flushing denormals is meant to change bits.
    private static readonly PassPipeline Structural = new([.. PassPipeline.Float.Stages.Where(stage => stage.Name != "fuse")
        .Select(stage => stage with { Passes = [.. stage.Passes.Where(pass => pass is not DenormalFlush)] })]);

    /// <summary>Asserts that all but fusions keep every bit of the answers to some inputs, and come to rest.</summary>
    public static void StructuralPassesAreExact(Model original, IEnumerable<Dictionary<string, Tensor>> inputs, string name)
    {
        Model model = Run(Structural, original);
        foreach (Dictionary<string, Tensor> feeds in inputs)
        {
            Tensor[] expected = BitExact.Run(original, feeds), actual = BitExact.Run(model, feeds);
            for (int i = 0; i < expected.Length; i++) BitExact.AreSame(expected[i], actual[i], $"{name}, output {i}");
        }
    }

    /// <summary>Asserts that the whole pipeline changes answers no more than by rounding, 1e-5 of the largest element, comes to rest, and does not grow the file.</summary>
    /// <param name="original">The model, which is not changed.</param>
    /// <param name="inputs">What it is run on, time after time.</param>
    /// <param name="name">What to call it.</param>
    /// <param name="absolute">Differences that are always allowed.</param>
    /// <param name="unstable">An output that a last bit may turn over, and is not compared; null for none.</param>
    public static void FloatPassesAreClose(Model original, IEnumerable<Dictionary<string, Tensor>> inputs, string name, double absolute = 0, string? unstable = null)
    {
        Model model = Run(PassPipeline.Float, original);
        Assert.InRange(OnnxWriter.ToBytes(model).Length, 1, (MaxGrowth * OnnxWriter.ToBytes(original, new WriteOptions { InnerTypes = false }).Length) + NamesBytes);
        foreach (Dictionary<string, Tensor> feeds in inputs)
        {
            Tensor[] expected = BitExact.Run(original, feeds), actual = BitExact.Run(model, feeds);
            for (int i = 0; i < expected.Length; i++)
            {
                if (original.Graph.Outputs[i].Name == unstable) continue;
                SameAnswers.AssertClose(TensorExchange.ToBuffer(expected[i]), TensorExchange.ToBuffer(actual[i]), 1e-5, $"{name}, output {i}", absolute);
            }
        }
    }

    private static Model Run(PassPipeline pipeline, Model original)
    {
        Model model = original.Clone();
        var context = new PassContext(model, TargetProfile.CpuPortable);
        pipeline.Run(context);
        Assert.DoesNotContain(context.Events, e => e.Text.Contains("come to rest", StringComparison.Ordinal));
        var second = new PassContext(model, TargetProfile.CpuPortable);
        pipeline.Run(second);
        Assert.Equal([], second.Changes);
        return model;
    }
}
