using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

public class PreparedRunTests
{
    [Fact]
    public void Runs_in_place_and_allocates_nothing()
    {
        using var session = InferenceSession.Open(TestModels.MatMul(1));
        using var run = new PreparedRun(session);
        var x = run.Input<float>(0);
        var y = run.Output<float>(0);
        for (int i = 0; i < 50; i++)
        {
            run.Run();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        float sum = 0;
        for (int i = 0; i < 1000; i++)
        {
            x[0] = i;
            run.Run();
            sum += y[0];
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(-1.5f * 999 * 1000 / 2, sum);
    }

    [Fact]
    public void Gives_what_the_session_gives()
    {
        using var session = InferenceSession.Open(TestModels.MatMul("batch"));
        using var run = new PreparedRun(session);
        var random = new Random(3);
        foreach (int batch in new[] { 3, 3, 1, 0, 8 })
        {
            float[] x = [.. Enumerable.Range(0, batch * 4).Select(_ => random.NextSingle())];
            x.CopyTo(run.ResizeInput<float>(0, [batch, 4]));

            run.Run();

            Assert.Equal([batch, 3], run.OutputShape(0));
            Assert.Equal(session.Run([("x", TensorBuffer.Create([batch, 4], x))])[0].AsSpan<float>(), run.Output<float>(0));
        }
    }

    [Fact]
    public void Inputs_keep_their_values_and_outputs_their_place()
    {
        using var session = InferenceSession.Open(TestModels.Add());
        using var run = new PreparedRun(session);
        run.Input<float>(0).Fill(1);
        run.Run();
        run.Input<float>(1).Fill(2);
        run.Run();

        Assert.Equal([3f, 3, 3, 3], run.Output<float>(0));
        Assert.Equal(["a", "b"], run.Inputs.Select(input => input.Name));
    }

    [Fact]
    public void Strings_are_copied()
    {
        using var session = InferenceSession.Open(TestModels.Identity(TensorElementType.String, "n"));
        using var run = new PreparedRun(session);
        string[] strings = ["é", "", "abc"];
        for (int count = 3; count >= 1; count--)
        {
            run.SetInput(0, strings.AsSpan(0, count), [count]);
            run.Run();
            Assert.Equal(strings[..count], run.OutputStrings(0));
        }
    }

    [Fact]
    public void Only_the_wanted_outputs_are_made()
    {
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, 1)
            .Output("negative", TensorElementType.Float32, 1)
            .Output("twice", TensorElementType.Float32, 1)
            .Node("Neg", ["x"], ["negative"])
            .Node("Add", ["x", "x"], ["twice"])
            .Build();
        using var session = InferenceSession.Open(model);
        using var run = new PreparedRun(session, ["twice"]);
        run.Input<float>(0)[0] = 4;

        run.Run();

        Assert.Equal([8f], run.Output<float>(0));
        Assert.Equal("twice", Assert.Single(run.Outputs).Name);
        Assert.Throws<TensorMismatchException>(() => new PreparedRun(session, ["nothing"]));
    }

    [Fact]
    public void What_is_not_there_yet_is_refused()
    {
        using var session = InferenceSession.Open(TestModels.MatMul("batch"));
        using var run = new PreparedRun(session);

        Assert.Throws<InvalidOperationException>(() => run.Input<float>(0).Length);
        Assert.Throws<InvalidOperationException>(() => run.Output<float>(0).Length);
        Assert.Throws<InvalidOperationException>(() => run.OutputShape(0).Length);
        Assert.Throws<InvalidOperationException>(() => run.Run());
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_the_run_stays_usable()
    {
        using var session = InferenceSession.Open(TestModels.MatMul("batch"));
        using var run = new PreparedRun(session);

        var shape = Assert.Throws<TensorMismatchException>(() => run.ResizeInput<float>(0, [1, 5]).Length);
        var type = Assert.Throws<TensorMismatchException>(() => run.ResizeInput<double>(0, [1, 4]).Length);

        Assert.Equal("Input 'x': expected float32[batch, 4], got float32[1, 5].", shape.Message);
        Assert.Equal("Input 'x': expected float32, got Double.", type.Message);
        run.ResizeInput<float>(0, [1, 4]).Fill(1);
        run.Run();
        Assert.Equal(3, run.Output<float>(0).Length);
    }

    [Fact]
    public void A_sequence_goes_as_a_value_and_not_as_a_span()
    {
        var type = OnnxModel.SequenceType(OnnxModel.TensorType(TensorElementType.Float32, [1]));
        using var session = InferenceSession.Open(new OnnxModel().Input("x", type).Output("y", type).Node("Identity", ["x"], ["y"]).Build());
        using var run = new PreparedRun(session);

        run.SetInput(0, new ModelValue.Sequence([TensorBuffer.Create<float>([1], [7f])]));
        run.Run();

        Assert.Equal(7, Assert.Single(Assert.IsType<ModelValue.Sequence>(run.OutputValue(0)).Items).AsTensor().AsSpan<float>()[0]);
        Assert.Equal("sequence(float32[1])", Assert.Throws<TensorMismatchException>(() => run.Output<float>(0).Length).Expected);
        Assert.Equal("x", Assert.Throws<TensorMismatchException>(() => run.SetInput(0, TensorBuffer.Create<float>([1], [7f]))).Tensor);
    }

    [Fact]
    public void An_optional_may_be_left_out()
    {
        var type = OnnxModel.OptionalType(OnnxModel.TensorType(TensorElementType.Float32, [1]));
        using var session = InferenceSession.Open(new OnnxModel { Opset = 18 }
            .Input("a", TensorElementType.Float32, 1).Input("o", type).Output("b", TensorElementType.Float32, 1).Output("has", TensorElementType.Bool)
            .Node("Identity", ["a"], ["b"]).Node("OptionalHasElement", ["o"], ["has"]).Build());
        using var run = new PreparedRun(session);

        run.Input<float>(0)[0] = 3;
        run.SetInput(1, TensorBuffer.Create<float>([1], [7f]));
        run.Run();

        Assert.Equal((3f, true), (run.Output<float>(0)[0], run.Output<bool>(1)[0]));
    }

    [Fact]
    public void Disposed_it_refuses()
    {
        using var session = InferenceSession.Open(TestModels.Add());
        var run = new PreparedRun(session);
        run.Dispose();
        run.Dispose();

        Assert.Throws<ObjectDisposedException>(() => run.Run());
        Assert.Throws<ObjectDisposedException>(() => run.Input<float>(0).Length);
        Assert.Throws<ObjectDisposedException>(() => run.Output<float>(0).Length);
    }

    [Fact]
    public void With_the_session_disposed_it_refuses()
    {
        var session = InferenceSession.Open(TestModels.Add());
        using var run = new PreparedRun(session);
        session.Dispose();

        Assert.Throws<ObjectDisposedException>(() => run.Run());
    }
}
