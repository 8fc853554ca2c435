using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Quantization.Equalization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization;

/// <summary>A builder may begin with a few samples and observe the others when it is known that they are needed.</summary>
public class Int8BuilderTests
{
    private const int Samples = 12, First = 4;

    private static readonly Int8Recipe Everything = new(RangeMethod.MinMax, new HashSet<string>());

    [Fact]
    public void What_is_observed_in_two_parts_is_observed_once()
    {
        int reads = 0;
        Int8Builder parts = Builder(Values(), First, () => reads++), whole = Builder(Values(), int.MaxValue);
        Assert.Equal(First, reads);
        Assert.False(parts.IsComplete);
        Assert.NotEqual(whole.Build(Everything).Bytes, parts.Build(Everything).Bytes);

        Assert.True(parts.Complete());
        Assert.True(parts.IsComplete);
        Assert.Equal(whole.Build(Everything).Bytes, parts.Build(Everything).Bytes);
        Value x = parts.Model.Graph.Inputs[0];
        Assert.Equal(whole.ElementsPerSample(whole.Model.Graph.Inputs[0]), parts.ElementsPerSample(x));

        reads = 0;
        Assert.True(parts.Complete());
        Assert.Equal(0, reads);
    }

    [Fact]
    public void Fewer_samples_than_it_would_begin_with_are_all_there_are()
    {
        Int8Builder builder = Builder(Values(), Samples + 1);
        Assert.True(builder.IsComplete);
        Assert.True(builder.Complete());
    }

    [Fact]
    public void What_does_not_fit_in_a_later_sample_is_planned_no_more()
    {
        float[][] values = Values();
        values[^1][0] = float.NaN;
        Int8Builder builder = Builder(values, First);
        Assert.NotEmpty(builder.Products);
        Assert.False(builder.Complete());
        Assert.Empty(builder.Products);
        Assert.Empty(builder.Plan.Forms);
        Assert.True(builder.Complete());
    }

    [Fact]
    public void What_later_samples_show_to_have_no_end_is_planned_no_more()
    {
        float[][] values = Values();
        for (int i = First; i < Samples; i++) values[i] = Array.ConvertAll(values[i], x => x * MathF.Pow(3, i));
        Int8Builder builder = Builder(values, First);
        Assert.NotEmpty(builder.Products);
        Assert.Empty(builder.Warnings);
        Assert.False(builder.Complete());
        Assert.Empty(builder.Products);
        Assert.Equal("OM4022", Assert.Single(builder.Warnings).Code);
    }

    [Fact]
    public void A_copy_with_other_elements_in_some_tensors_takes_the_ranges_that_it_would_choose_itself()
    {
        var b = new GraphBuilder();
        Value h = b.Op("Relu", b.Op("Gemm", b.Input("x", 1, 16), b.Weights(1, 16, 16), b.Weights(2, 16)));
        for (int layer = 0; layer < 3; layer++) h = b.Op("Sigmoid", b.Op("Gemm", h, b.Weights(3 + 2 * layer, 16, 16), b.Weights(4 + 2 * layer, 16)));
        Model model = b.Output("y", b.Op("Gemm", h, b.Weights(10, 16, 4), b.Weights(11, 4))).Model;
        model.InferTypes();
        CancellationToken token = TestContext.Current.CancellationToken;
        IReadOnlyList<(string, TensorBuffer)>[] samples = [.. Values().Select(sample => (IReadOnlyList<(string, TensorBuffer)>)[("x", TensorBuffer.Create([1, sample.Length], sample))])];
        var plain = new Int8Builder(model, TargetProfile.CpuPortable, samples, token);
        Int8Recipe recipe = Everything with { Ranges = RangeMethod.PerTensor };
        plain.Build(recipe);

        Model evened = plain.Model.Clone();
        // Powers of two, so that all else is the same to the last bit.
        ChannelLink link = ChannelLink.EndingAt(evened.Graph.Nodes.Single(node => node.Is("Relu")).Output)!;
        HashSet<string> changed = [.. link.Tensors.Select(tensor => tensor.Name)];
        link.Divide([.. Enumerable.Range(0, 16).Select(channel => channel % 2 == 0 ? 4.0 : 0.5)]);
        Assert.Equal(2, changed.Count);
        Assert.Equal(new Int8Builder(evened.Clone(), TargetProfile.CpuPortable, samples, token).Build(recipe).Bytes, plain.ForCopy(evened, changed).Build(recipe).Bytes);

        // The same once it has observed the samples that were left out at first.
        Int8Builder begun = plain.ForCopy(evened, changed, first: Samples / 4);
        Assert.False(begun.IsComplete);
        Assert.True(begun.Complete());
        Int8Recipe simple = Everything with { Ranges = RangeMethod.MinMax };
        Assert.Equal(plain.ForCopy(evened, changed).Build(simple).Bytes, begun.Build(simple).Bytes);
    }

    /// <summary>Each sample reaches a little farther than those before, none so far that others would go beyond all of them.</summary>
    private static float[][] Values() => [.. Enumerable.Range(0, Samples).Select(i => Enumerable.Range(0, 16).Select(j => MathF.Sin(7 * (16 * i + j)) * (1 + i / 24f)).ToArray())];

    private static Int8Builder Builder(float[][] values, int first, Action? onRead = null)
    {
        var b = new GraphBuilder();
        Model model = b.Output("y", b.Op("Gemm", b.Input("x", 1, 16), b.Weights(1, 16, 16), b.Weights(2, 16))).Model;
        model.InferTypes();
        return new Int8Builder(model, TargetProfile.CpuPortable, Inputs(), TestContext.Current.CancellationToken, first: first);

        IEnumerable<IReadOnlyList<(string, TensorBuffer)>> Inputs()
        {
            foreach (float[] sample in values)
            {
                onRead?.Invoke();
                yield return [("x", TensorBuffer.Create([1, sample.Length], sample))];
            }
        }
    }
}
