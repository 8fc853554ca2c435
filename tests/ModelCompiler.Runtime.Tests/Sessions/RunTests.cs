using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Sessions;

public class RunTests
{
    public static TheoryData<TensorBuffer> Tensors =>
    [
        TensorBuffer.Create([3], [1.5f, float.NaN, float.NegativeInfinity]),
        TensorBuffer.Create<byte>([3], [0, 1, 255]),
        TensorBuffer.Create<sbyte>([3], [0, -128, 127]),
        TensorBuffer.Create<ushort>([3], [0, 1, 65535]),
        TensorBuffer.Create<short>([3], [0, -32768, 32767]),
        TensorBuffer.Create([3], [0, int.MinValue, int.MaxValue]),
        TensorBuffer.Create([3], [0, long.MinValue, long.MaxValue]),
        TensorBuffer.Create([3], [true, false, true]),
        TensorBuffer.Create([3], [(Half)0.56, Half.MaxValue, Half.NaN]),
        TensorBuffer.Create([3], [0.1, double.Epsilon, double.PositiveInfinity]),
        TensorBuffer.Create([3], [0u, 1u, uint.MaxValue]),
        TensorBuffer.Create([3], [0ul, 1ul, ulong.MaxValue]),
        TensorBuffer.Create([3], [(BFloat16)1.5f, (BFloat16)(-2f), (BFloat16)0f]),
        TensorBuffer.Create(TensorElementType.Float8E4M3FN, [3], new byte[] { 0x38, 0x40, 0x7E }),
        TensorBuffer.Create([], [42f]),
        TensorBuffer.Create<float>([2, 0, 3], []),
    ];

    [Theory]
    [MemberData(nameof(Tensors))]
    public void Every_element_type_goes_in_and_out(TensorBuffer tensor)
    {
        byte[] model = TestModels.Identity(tensor.ElementType, [.. tensor.Shape.ToArray().Cast<object>()]);
        using var session = InferenceSession.Open(model);

        var output = Assert.Single(session.Run([("x", tensor)]));

        Assert.Equal(tensor.ElementType, output.ElementType);
        Assert.Equal(tensor.Shape, output.Shape);
        Assert.Equal(tensor.Bytes, output.Bytes);
    }

    [Theory]
    [InlineData(TensorElementType.Int4)]
    [InlineData(TensorElementType.UInt4)]
    public void Packed_elements_go_in_and_out(TensorElementType type)
    {
        byte[] model = new OnnxModel { Opset = 21 }
            .Input("x", type, 3)
            .Output("y", type, 3)
            .Node("Transpose", ["x"], ["y"], attributes: OnnxModel.Attribute("perm", values: 0))
            .Build();
        using var session = InferenceSession.Open(model);

        var y = session.Run([("x", TensorBuffer.Create(type, [3], new byte[] { 0x7F, 0x08 }))])[0];

        Assert.Equal(type, y.ElementType);
        Assert.Equal(new byte[] { 0x7F, 0x08 }, y.AsSpan<byte>());
    }

    [Fact]
    public void Strings_go_in_and_out()
    {
        string[] strings = ["", "abc", "Grüße, 世界 👋", "with\0zero", new('x', 1000), ""];
        using var session = InferenceSession.Open(TestModels.Identity(TensorElementType.String, 2, 3));

        var output = Assert.Single(session.Run([("x", TensorBuffer.Create([2, 3], strings))]));

        Assert.Equal(strings, output.Strings);
    }

    [Fact]
    public void Adds_two_tensors_given_in_any_order()
    {
        using var session = InferenceSession.Open(TestModels.Add());

        var sum = Assert.Single(session.Run([
            ("b", TensorBuffer.Create([2, 2], [10f, 20, 30, 40])),
            ("a", TensorBuffer.Create([2, 2], [1f, 2, 3, 4]))]));

        Assert.Equal([11f, 22, 33, 44], sum.AsSpan<float>());
    }

    [Fact]
    public void Sizes_outputs_by_the_run()
    {
        using var session = InferenceSession.Open(TestModels.MatMul("batch"));

        foreach (int batch in new[] { 1, 7, 0, 3 })
        {
            var y = session.Run([("x", TensorBuffer.Create([batch, 4], new float[batch * 4]))])[0];
            Assert.Equal([batch, 3], y.Shape);
        }
    }

    [Fact]
    public void Reads_memory_that_starts_within_an_array()
    {
        using var session = InferenceSession.Open(TestModels.Identity(TensorElementType.Float32, 2));
        float[] array = [9, 9, 5, 6, 9];

        var y = session.Run([("x", TensorBuffer.Create([2], array.AsMemory(2, 2)))])[0];

        Assert.Equal([5f, 6f], y.AsSpan<float>());
    }

    [Fact]
    public void Gives_the_wanted_outputs_in_the_wanted_order()
    {
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, 1)
            .Output("negative", TensorElementType.Float32, 1)
            .Output("absolute", TensorElementType.Float32, 1)
            .Output("twice", TensorElementType.Float32, 1)
            .Node("Neg", ["x"], ["negative"])
            .Node("Abs", ["x"], ["absolute"])
            .Node("Add", ["x", "x"], ["twice"])
            .Build();
        using var session = InferenceSession.Open(model);

        var outputs = session.Run([("x", TensorBuffer.Create([1], [-2f]))], ["twice", "negative"]);

        Assert.Equal([-4f, 2f], outputs.Select(output => output.AsSpan<float>()[0]));
    }

    [Fact]
    public void An_input_with_a_default_may_be_left_out()
    {
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, 1)
            .Input("bias", TensorElementType.Float32, 1)
            .Output("y", TensorElementType.Float32, 1)
            .Initializer("bias", TensorElementType.Float32, [1], BitConverter.GetBytes(10f))
            .Node("Add", ["x", "bias"], ["y"])
            .Build();
        using var session = InferenceSession.Open(model);
        var x = TensorBuffer.Create([1], [1f]);

        Assert.Equal(["x"], session.Inputs.Select(input => input.Name));
        Assert.Equal(["bias"], session.OptionalInputs.Select(input => input.Name));
        Assert.Equal(11f, session.Run([("x", x)])[0].AsSpan<float>()[0]);
        Assert.Equal(3f, session.Run([("x", x), ("bias", TensorBuffer.Create([1], [2f]))])[0].AsSpan<float>()[0]);
    }

    [Fact]
    public void Sequences_go_in_and_out()
    {
        var type = OnnxModel.SequenceType(OnnxModel.TensorType(TensorElementType.Float32, ["n"]));
        byte[] model = new OnnxModel().Input("x", type).Output("y", type).Node("Identity", ["x"], ["y"]).Build();
        using var session = InferenceSession.Open(model);
        var sequence = new ModelValue.Sequence([TensorBuffer.Create([1], [1f]), TensorBuffer.Create([2], [2f, 3f])]);

        var output = Assert.IsType<ModelValue.Sequence>(Assert.Single(session.RunValues([("x", sequence)])));

        Assert.Equal(ValueKind.Sequence, session.Inputs[0].Kind);
        Assert.Equal([[1f], [2f, 3f]], output.Items.Select(item => item.AsTensor().AsSpan<float>().ToArray()));
        var error = Assert.Throws<TensorMismatchException>(() => session.Run([("x", TensorBuffer.Create([1], [1f]))]));
        Assert.Equal("y", error.Tensor);
        Assert.Contains(nameof(InferenceSession.RunValues), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_come_out()
    {
        var map = OnnxModel.MapType(TensorElementType.Int64, OnnxModel.TensorType(TensorElementType.Float32, []));
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, 2, 2)
            .Output("y", OnnxModel.SequenceType(map))
            .Node("ZipMap", ["x"], ["y"], "ai.onnx.ml", OnnxModel.Attribute("classlabels_int64s", 7, 8))
            .Build();
        using var session = InferenceSession.Open(model);

        var rows = Assert.IsType<ModelValue.Sequence>(session.RunValues([("x", TensorBuffer.Create([2, 2], [1f, 2, 3, 4]))])[0]);

        var second = Assert.IsType<ModelValue.Map>(rows.Items[1]);
        Assert.Equal([7L, 8], second.Keys.AsSpan<long>());
        Assert.Equal([3f, 4], second.Values.AsSpan<float>());
    }

    [Fact]
    public void An_optional_may_hold_a_tensor_or_nothing()
    {
        var type = OnnxModel.OptionalType(OnnxModel.TensorType(TensorElementType.Float32, [1]));
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, 1)
            .Output("some", type)
            .Output("none", type)
            .Node("Optional", ["x"], ["some"])
            .Node("Optional", [], ["none"], attributes: new ProtoWriter().Text(1, "type").Message(14, OnnxModel.TensorType(TensorElementType.Float32, [1])).Number(20, 13))
            .Build();
        using var session = InferenceSession.Open(model);

        var outputs = session.RunValues([("x", TensorBuffer.Create([1], [4f]))]);

        Assert.Equal(ValueKind.Optional, session.Outputs[0].Kind);
        Assert.Equal(4f, outputs[0].AsTensor().AsSpan<float>()[0]);
        Assert.IsType<ModelValue.None>(outputs[1]);
    }

    [Fact]
    public async Task Cancelling_stops_a_run_and_the_session_stays_usable()
    {
        using var session = InferenceSession.Open(TestModels.Loop());
        using var source = new CancellationTokenSource();
        var x = TensorBuffer.Create([1], [0f]);
        // Without cancellation this lasts for years.
        var endless = Task.Run(() => session.Run([("trips", TensorBuffer.Create([], [long.MaxValue])), ("x", x)], null, source.Token));
        await Task.Delay(50);

        await source.CancelAsync();

        var cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => endless);
        Assert.Equal(source.Token, cancelled.CancellationToken);
        Assert.Equal(3f, session.Run([("trips", TensorBuffer.Create([], [3L])), ("x", x)])[0].AsSpan<float>()[0]);
    }

    [Fact]
    public void A_cancelled_token_starts_no_run()
    {
        using var session = InferenceSession.Open(TestModels.Loop());

        Assert.Throws<OperationCanceledException>(() => session.Run(
            [("trips", TensorBuffer.Create([], [long.MaxValue])), ("x", TensorBuffer.Create([1], [0f]))], null, new CancellationToken(true)));
    }

    [Fact]
    public void A_run_that_fails_says_why()
    {
        byte[] model = new OnnxModel()
            .Input("x", TensorElementType.Float32, "n")
            .Input("index", TensorElementType.Int64, 1)
            .Output("y", TensorElementType.Float32, 1)
            .Node("Gather", ["x", "index"], ["y"])
            .Build();
        using var session = InferenceSession.Open(model);

        var error = Assert.Throws<OnnxRuntimeException>(() => session.Run(
            [("x", TensorBuffer.Create([2], [1f, 2])), ("index", TensorBuffer.Create([1], [5L]))]));

        Assert.Equal("OM5020", error.Code);
        Assert.Equal(OrtErrorCode.InvalidArgument, error.ErrorCode);
        Assert.Contains("indices element out of data bounds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_threads_get_what_one_gets()
    {
        using var session = InferenceSession.Open(TestModels.MatMul("batch"));
        float[] Answer(int seed)
        {
            var random = new Random(seed);
            float[] x = [.. Enumerable.Range(0, 4 * (1 + (seed % 5))).Select(_ => random.NextSingle())];
            return session.Run([("x", TensorBuffer.Create([x.Length / 4, 4], x))])[0].AsSpan<float>().ToArray();
        }

        float[][] serial = [.. Enumerable.Range(0, 32).Select(Answer)];
        var tasks = Enumerable.Range(0, 32).Select(i => Task.Factory.StartNew(
            () => Enumerable.Range(0, 50).Select(_ => Answer(i)).ToArray(), TaskCreationOptions.LongRunning));

        float[][][] parallel = await Task.WhenAll(tasks);

        for (int i = 0; i < serial.Length; i++)
        {
            Assert.All(parallel[i], answer => Assert.Equal(serial[i], answer));
        }
    }
}
