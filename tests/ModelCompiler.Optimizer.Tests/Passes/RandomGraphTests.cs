using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes;

/// <summary>
/// Random graphs before and after the structural passes: the same bits. MODELCOMPILER_RANDOM_GRAPHS sets how many, MODELCOMPILER_SEED where they start;
/// a failure names its seed.
/// </summary>
public sealed class RandomGraphTests
{
    private const int DefaultCount = 300;

    private static readonly PassPipeline Structural = new([.. PassPipeline.Float.Stages.Where(stage => stage.Name != "fuse")]);

    [Fact]
    public void Structural_passes_keep_every_bit()
    {
        int first = RandomSeeds.Setting("MODELCOMPILER_SEED", 1), count = RandomSeeds.Setting("MODELCOMPILER_RANDOM_GRAPHS", DefaultCount);
        int changes = 0, runs = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            if (Check(seed) is not { } made) continue;
            runs++;
            changes += made;
        }
        Assert.True(runs > count * 9 / 10, $"ONNX Runtime runs only {runs} of {count} graphs");
        Assert.True(changes > 4 * count, $"{changes} changes in {count} graphs: the graphs have nothing to do");
    }

    [Fact]
    public void Passes_that_keep_types_leave_every_value_with_a_right_one()
    {
        IPass[] passes = [.. PassPipeline.Float.Stages.SelectMany(stage => stage.Passes).Where(pass => pass.KeepsTypes)];
        Assert.NotEmpty(passes);
        for (int seed = 1; seed <= 50; seed++)
        {
            Model model = RandomGraph.Create(seed).Model;
            model.InferTypes();
            foreach (IPass pass in passes)
            {
                pass.Apply(new PassContext(model, TargetProfile.CpuPortable));
                Assert.All(model.Graph.AllGraphs().SelectMany(graph => graph.Values()), value => Assert.True(value.Type is not null, $"seed {seed}, {pass.Name}: '{value}' has no type"));
                Assert.True(GraphVerifier.VerifyTypes(model) is [], $"seed {seed}, {pass.Name}: {string.Join("; ", GraphVerifier.VerifyTypes(model))}");
            }
        }
    }

    /// <summary>How many changes were made; null where ONNX Runtime fails on the graph as it was made.</summary>
    private static int? Check(int seed)
    {
        (Model model, Dictionary<string, Tensor> feeds) = RandomGraph.Create(seed);
        Model original = model.Clone();
        if (BitExact.RunOrNull(original, feeds) is not { } expected) return null;
        var context = new PassContext(model, TargetProfile.CpuPortable);
        try
        {
            Structural.Run(context);
            Tensor[] actual = BitExact.Run(model, feeds);
            for (int i = 0; i < expected.Length; i++) BitExact.AreSame(expected[i], actual[i], $"output '{original.Graph.Outputs[i]}'");
            var second = new PassContext(model, TargetProfile.CpuPortable);
            Structural.Run(second);
            Assert.True(second.ChangeCount == 0, $"the second run changes: {string.Join("; ", second.Changes.Take(3))}");
        }
        catch (Exception e)
        {
            CulpritChange? culprit = e is CompilerException ? null : Bisect(original, feeds);
            throw new InvalidOperationException($"seed {seed}: {e.Message}\nculprit: {culprit?.Change.ToString() ?? "none beyond the sign of zero"}\n{string.Join('\n', context.Changes)}", e);
        }
        return context.ChangeCount;
    }

    private static CulpritChange? Bisect(Model original, Dictionary<string, Tensor> feeds) =>
        new PassBisection(original, Structural, TargetProfile.CpuPortable, new OutputTolerance(0, 0))
            .Find([[.. feeds.Select(feed => (feed.Key, TensorExchange.ToBuffer(feed.Value)))]]);
}
