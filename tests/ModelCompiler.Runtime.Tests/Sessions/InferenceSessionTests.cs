using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

public class InferenceSessionTests
{
    [Fact]
    public void Reads_the_signature()
    {
        byte[] model = new OnnxModel()
            .Input("scalar", TensorElementType.Int64)
            .Input("image", TensorElementType.Float32, "batch", 3, "", 28)
            .Input("anything", OnnxModel.TensorType(TensorElementType.Float16, null))
            .Output("a", TensorElementType.Int64)
            .Output("b", TensorElementType.Float32, "batch", 3, "", 28)
            .Output("c", OnnxModel.TensorType(TensorElementType.Float16, null))
            .Node("Identity", ["scalar"], ["a"])
            .Node("Identity", ["image"], ["b"])
            .Node("Identity", ["anything"], ["c"])
            .Build();

        using var session = InferenceSession.Open(model);

        Assert.Equal(["int64[]", "float32[batch, 3, ?, 28]", "float16[...]"], session.Inputs.Select(input => input.ToString()));
        Assert.Equal(["a", "b", "c"], session.Outputs.Select(output => output.Name));
        Assert.Equal([-1L, 3, -1, 28], session.Inputs[1].Shape!);
        Assert.Equal(["batch", null, null, null], session.Inputs[1].Symbols);
        Assert.True(session.Inputs[0].HasFixedShape);
        Assert.Null(session.Inputs[2].Shape);
    }

    [Fact]
    public void Opens_a_file()
    {
        using var folder = new Workspace();
        string path = folder.Write("mödel #1.onnx", TestModels.Add());

        using var session = InferenceSession.Open(path);

        Assert.Equal(["a", "b"], session.Inputs.Select(input => input.Name));
    }

    [Fact]
    public void A_missing_file_is_an_error_that_names_it()
    {
        var error = Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Open("no-such-model.onnx"));

        Assert.Equal(OrtErrorCode.NoSuchFile, error.ErrorCode);
        Assert.Contains("no-such-model.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Garbage_is_an_error()
    {
        byte[] garbage = new byte[1000];
        new Random(5).NextBytes(garbage);

        Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Open(garbage));
        Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Open(ReadOnlyMemory<byte>.Empty));
    }

    [Fact]
    public void A_truncated_model_is_an_error_wherever_it_ends()
    {
        byte[] model = TestModels.MatMul("batch");

        // The last 22 bytes are the operator sets.
        for (int length = 0; length < model.Length - 22; length++)
        {
            Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Open(model.AsMemory(0, length)));
        }
    }

    [Fact]
    public void An_unknown_operator_is_an_error_that_names_it()
    {
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, 1)
            .Output("y", TensorElementType.Float32, 1)
            .Node("NoSuchOperator", ["x"], ["y"])
            .Build();

        var error = Assert.Throws<OnnxRuntimeException>(() => InferenceSession.Open(model));

        Assert.Contains("NoSuchOperator", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_session_refuses()
    {
        var session = InferenceSession.Open(TestModels.MatMul(2));
        session.Dispose();
        session.Dispose();

        Assert.Throws<ObjectDisposedException>(() => session.Run([("x", TensorBuffer.Create([2, 4], new float[8]))]));
        Assert.Throws<ObjectDisposedException>(session.EndProfiling);
        Assert.Single(session.Inputs);
    }

    [Fact]
    public async Task Disposing_lets_the_run_that_is_under_way_end()
    {
        var session = InferenceSession.Open(TestModels.Loop());
        var run = Task.Run(() => session.Run(
            [("trips", TensorBuffer.Create([], [200_000L])), ("x", TensorBuffer.Create([1], [0f]))]));
        // Not before the run has begun, or it would be refused.
        await Task.Delay(30);

        session.Dispose();

        try
        {
            Assert.Equal(200_000f, (await run)[0].AsSpan<float>()[0]);
        }
        catch (ObjectDisposedException)
        {
            // On a machine so busy that the run had not begun.
        }

        Assert.Throws<ObjectDisposedException>(() => session.Run([]));
    }

    [Fact]
    public async Task Disposing_at_any_moment_gives_a_result_or_a_refusal()
    {
        byte[] model = TestModels.MatMul("batch");
        var x = TensorBuffer.Create([2, 4], [1f, 2, 3, 4, 5, 6, 7, 8]);
        float[] expected;
        using (var reference = InferenceSession.Open(model))
        {
            expected = reference.Run([("x", x)])[0].AsSpan<float>().ToArray();
        }

        for (int round = 0; round < 50; round++)
        {
            var session = InferenceSession.Open(model);
            var runs = Enumerable.Range(0, 4).Select(_ => Task.Run(() => RunUntilRefused(session, x, expected))).ToArray();
            await Task.Delay(round % 3);
            session.Dispose();
            await Task.WhenAll(runs);
        }
    }

    [Fact]
    public void A_session_keeps_what_it_needs_alive()
    {
        var session = OpenAndForget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.Equal(2, session.Run([("x", TensorBuffer.Create([2, 4], new float[8]))])[0].Shape[0]);
        session.Dispose();

        static InferenceSession OpenAndForget() => InferenceSession.Open(TestModels.MatMul("batch").AsMemory());
    }

    private static void RunUntilRefused(InferenceSession session, TensorBuffer x, float[] expected)
    {
        while (true)
        {
            try
            {
                Assert.Equal(expected, session.Run([("x", x)])[0].AsSpan<float>());
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }
}
