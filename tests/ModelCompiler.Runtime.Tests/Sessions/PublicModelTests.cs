using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

/// <summary>Models that others trained and published: dynamic widths, several outputs, a scalar input, names that are no identifiers.</summary>
public class PublicModelTests
{
    private const int Seed = 11;

    /// <summary>What stands for the dimensions that a model leaves open, in the order in which they appear.</summary>
    private static readonly Dictionary<string, long[]> OpenDimensions = new()
    {
        [PublicModels.Recognizer.Name] = [1, 160],
        [PublicModels.Classifier.Name] = [2, 48, 192],
        [PublicModels.VoiceActivity.Name] = [1, 512, 1],
    };

    public static TheoryData<PublicModel> Models => [.. PublicModels.All];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_prepared_run_gives_what_the_session_gives(PublicModel model)
    {
        using var session = InferenceSession.Open(PublicModels.PathOf(model));
        using var prepared = new PreparedRun(session);
        // Twice with other values, so that nothing of the first run may stay.
        foreach (int seed in new[] { Seed, Seed + 1 })
        {
            var inputs = RandomInputs(session, model, seed);
            var expected = session.Run(inputs);
            for (int i = 0; i < inputs.Length; i++)
            {
                Set(prepared, i, inputs[i].Value);
            }

            prepared.Run();

            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i].Shape, prepared.OutputShape(i));
                Assert.Equal(expected[i].AsSpan<float>(), prepared.Output<float>(i));
                Assert.False(prepared.Output<float>(i).ContainsAnyExceptInRange(float.MinValue, float.MaxValue), $"seed {seed}: not a number");
            }
        }
    }

    [Fact]
    public async Task Many_threads_on_one_session_get_bit_for_bit_what_one_gets()
    {
        var model = PublicModels.Classifier;
        using var session = InferenceSession.Open(PublicModels.PathOf(model));
        float[] Answer(int i) => session.Run(RandomInputs(session, model, Seed + i))[0].AsSpan<float>().ToArray();
        float[][] serial = [.. Enumerable.Range(0, 32).Select(Answer)];

        float[][] parallel = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Factory.StartNew(() => Answer(i), TaskCreationOptions.LongRunning)));

        Assert.Equal(serial, parallel);
        Assert.NotEqual(serial[0], serial[1]);
    }

    private static (string Name, TensorBuffer Value)[] RandomInputs(InferenceSession session, PublicModel model, int seed)
    {
        var random = new Random(seed);
        var open = new Queue<long>(OpenDimensions.GetValueOrDefault(model.Name, []));
        return [.. session.Inputs.Select(input => (input.Name, RandomTensor(input, [.. input.Shape!.Select(size => size >= 0 ? size : open.Dequeue())], random)))];
    }

    private static TensorBuffer RandomTensor(TensorInfo input, long[] shape, Random random)
    {
        if (input.ElementType == TensorElementType.Int64)
        {
            // The only integer among these inputs is a sampling rate.
            return TensorBuffer.Create(shape, [16000L]);
        }

        var tensor = TensorBuffer.Create(input.ElementType, shape);
        foreach (ref float value in tensor.AsSpan<float>())
        {
            value = random.NextSingle();
        }

        return tensor;
    }

    private static void Set(PreparedRun run, int index, TensorBuffer value)
    {
        if (value.ElementType == TensorElementType.Int64)
        {
            value.AsSpan<long>().CopyTo(run.ResizeInput<long>(index, value.Shape));
        }
        else
        {
            value.AsSpan<float>().CopyTo(run.ResizeInput<float>(index, value.Shape));
        }
    }
}
