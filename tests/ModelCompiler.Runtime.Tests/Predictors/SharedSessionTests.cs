using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

/// <summary>Instances of one model share its weights, and none notices another one.</summary>
public class SharedSessionTests
{
    private static PredictorDescription Describe() => TestPredictor.Describe(
        TestModels.MatMul(1), [new TensorSpec("x", TensorElementType.Float32, [1, 4])], [new TensorSpec("y", TensorElementType.Float32, [1, 3])]);

    [Fact]
    public void Instances_with_the_same_options_share_one_session_until_the_last_is_disposed()
    {
        var description = Describe();
        var first = new TestPredictor(description);
        var second = new TestPredictor(description, new PredictorOptions { MaxBatch = 3 });
        using var request = new Request(first);
        var session = first.Session;
        Assert.Same(session, second.Session);

        first.Dispose();
        first.Dispose();

        Assert.Throws<ObjectDisposedException>(() => first.Predict(new float[4]));
        Assert.Throws<ObjectDisposedException>(() => request.Run());
        Assert.Equal([-1.5f, -0.5f, 0.5f], second.Predict([1, 0, 0, 0]).Span);
        second.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run([("x", TensorBuffer.Create([1, 4], new float[4]))]));
        using var third = new TestPredictor(description);
        Assert.NotSame(session, third.Session);
    }

    [Fact]
    public void Other_settings_or_another_model_are_another_session()
    {
        var description = Describe();
        using var usual = new TestPredictor(description);
        using var threads = new TestPredictor(description, new PredictorOptions { IntraOpThreads = 2 });
        using var spinning = new TestPredictor(description, new PredictorOptions { AllowSpinning = true });
        using var provider = new TestPredictor(description, new PredictorOptions { ExecutionProviders = [new ExecutionProviderChoice(ExecutionProvider.Cpu, new Dictionary<string, string> { ["a"] = "b" })] });
        using var configured = new TestPredictor(description, new PredictorOptions { ConfigureSession = session => session });
        using var configuredToo = new TestPredictor(description, new PredictorOptions { ConfigureSession = session => session });
        using var copy = new TestPredictor(Describe());

        TestPredictor[] all = [usual, threads, spinning, provider, configured, configuredToo, copy];

        Assert.Equal(all.Length, all.Select(predictor => predictor.Session).Distinct().Count());
    }

    [Fact]
    public async Task Instances_that_come_and_go_at_once_always_answer()
    {
        var description = Describe();
        var instances = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                using var predictor = new TestPredictor(description);
                Assert.Equal([-1.5f, -0.5f, 0.5f], predictor.Predict([1, 0, 0, 0]).Span);
            }
        }));

        await Task.WhenAll(instances);
    }

    [Fact]
    public void A_model_that_could_not_be_opened_is_tried_again()
    {
        var description = Describe();
        string path = Path.Combine(AppContext.BaseDirectory, description.Model.Path);
        byte[] model = File.ReadAllBytes(path);
        File.Delete(path);
        Assert.Throws<ModelIntegrityException>(() => new TestPredictor(description));
        File.WriteAllBytes(path, model);

        using var predictor = new TestPredictor(description);
        Assert.Equal(3, predictor.Predict(new float[4]).Length);
    }

    private sealed class Request(Predictor predictor) : PredictorRequest(predictor);
}
