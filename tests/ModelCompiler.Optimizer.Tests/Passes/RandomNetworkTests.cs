using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Passes;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Passes;

/// <summary>
/// Random networks compiled, and run at several batches and sizes. MODELCOMPILER_RANDOM_NETWORKS sets how many, MODELCOMPILER_SEED where they start; a failure names its seed.
/// </summary>
public sealed class RandomNetworkTests
{
    private const int DefaultCount = 40;

    /// <summary>Of the largest element. What networks in float32 make of the rounding of their inputs is allowed besides.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>How much more than a perturbation of the inputs by a few units in the last place may change the answers, as all sums are taken in another order.</summary>
    private const double Conditioning = 30;

    private const float LastPlaces = 5e-7f;

    private static readonly OutputTolerance BisectionTolerance = new(Tolerance, Tolerance);

    [Fact]
    public void Float32_answers_as_the_source()
    {
        int first = RandomSeeds.Setting("MODELCOMPILER_SEED", 1), count = RandomSeeds.Setting("MODELCOMPILER_RANDOM_NETWORKS", DefaultCount), runs = 0;
        for (int seed = first; seed < first + count; seed++) runs += Check(seed) ? 1 : 0;
        Assert.True(runs >= count * 3 / 4, $"ONNX Runtime runs only {runs} of {count} networks");
    }

    /// <summary>Whether ONNX Runtime runs the network as it was made.</summary>
    private static bool Check(int seed)
    {
        RandomNetwork network = RandomNetwork.Create(seed);
        Model source = network.Model.Clone();
        Dictionary<string, Tensor>[] inputs = [network.Feeds(1, batch: 1), network.Feeds(2, batch: 2), network.Feeds(3, batch: 5), network.Feeds(4, batch: 1, longer: 3)];
        Tensor[]?[] expected = Array.ConvertAll(inputs, feeds => BitExact.RunOrNull(source, feeds, GraphOptimization.None));
        // Sizes that were open may be fixed by what is inside, the number of samples not.
        if (expected[..3].Any(answer => answer is null)) return false;
        Model compiled;
        try
        {
            compiled = Compiler.Compile(network.Model, new CompileOptions { MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken).Model;
        }
        // What breaks a rule of the standard runs only until ONNX Runtime infers the sizes.
        catch (CompilerException) when (BitExact.RunOrNull(source, inputs[0], GraphOptimization.All) is null)
        {
            return false;
        }
        catch (CompilerException e)
        {
            throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
        }
        for (int i = 0; i < inputs.Length; i++)
        {
            if (expected[i] is not { } answer) continue;
            foreach (GraphOptimization level in new[] { GraphOptimization.None, GraphOptimization.All })
            {
                if (Difference(answer, BitExact.Run(compiled, inputs[i], level)) is var difference && difference > Tolerance && difference > Conditioning * OfRounding(source, inputs[i], answer))
                    Assert.Fail($"seed {seed}, inputs {i}, level {level}: answers differ by {difference:E1} of the largest element; culprit: {Culprit(source, inputs[i])}");
            }
        }
        return true;
    }

    /// <summary>What comes of other roundings of the inputs.</summary>
    private static double OfRounding(Model source, Dictionary<string, Tensor> feeds, Tensor[] answer) =>
        Enumerable.Range(0, 4).Max(seed => Difference(answer, BitExact.Run(source, Perturbed(feeds, seed))));

    private static Dictionary<string, Tensor> Perturbed(Dictionary<string, Tensor> feeds, int seed)
    {
        var random = new Random(seed);
        return feeds.ToDictionary(feed => feed.Key, feed => feed.Value.ElementType != ElementType.Float
            ? feed.Value
            : Tensor.Create<float>(Array.ConvertAll(feed.Value.Floats(), x => x * (1 + (LastPlaces * ((2 * random.NextSingle()) - 1)))), feed.Value.Dims));
    }

    /// <summary>The largest difference over the largest element of the same output; infinite for other shapes, and where one is no number.</summary>
    private static double Difference(Tensor[] expected, Tensor[] actual) => expected.Zip(actual, Difference).Max();

    private static double Difference(Tensor expected, Tensor actual)
    {
        if (expected.ToString() != actual.ToString()) return double.PositiveInfinity;
        if (expected.ElementType != ElementType.Float) return expected.Bytes.SequenceEqual(actual.Bytes) ? 0 : double.PositiveInfinity;
        double[] differences = [.. expected.Floats().Zip(actual.Floats(), (a, b) => a.Equals(b) ? 0 : Math.Abs((double)a - b))];
        double largest = expected.Floats().Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        return differences.Any(double.IsNaN) ? double.PositiveInfinity : differences.Max() is var difference && difference > 0 ? difference / largest : 0;
    }

    private static string Culprit(Model source, Dictionary<string, Tensor> feeds) =>
        new PassBisection(source, PassPipeline.Float, TargetProfile.CpuPortable, BisectionTolerance)
            .Find([[.. feeds.Select(feed => (feed.Key, TensorExchange.ToBuffer(feed.Value)))]])?.Change.ToString() ?? "none that stands out";
}
