using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Opsets;

/// <summary>Public models answer as before after reading and writing, with weights in the file or beside it, and in the newest operator set.</summary>
public class RewrittenModelTests
{
    public static TheoryData<PublicModel> Models => [.. PublicModels.All];

    [Theory]
    [MemberData(nameof(Models))]
    public void Read_and_written_it_answers_alike(PublicModel model)
    {
        string path = PublicModels.PathOf(model);
        using InferenceSession original = InferenceSession.Open(path, AsItIs);
        Model read = OnnxReader.Read(path);
        AssertSame(original, OnnxWriter.ToBytes(read));
        AssertSame(original, OnnxWriter.ToBytes(read.Clone()));

        string folder = Directory.CreateTempSubdirectory("modelcompiler-").FullName;
        try
        {
            string rewritten = Path.Combine(folder, "model.onnx");
            OnnxWriter.Write(read, rewritten, new WriteOptions { ExternalData = true });
            using InferenceSession session = InferenceSession.Open(rewritten, AsItIs);
            AssertSame(original, session);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Converted_to_a_newer_operator_set_it_answers_alike(PublicModel model)
    {
        string path = PublicModels.PathOf(model);
        using InferenceSession original = InferenceSession.Open(path, AsItIs);
        foreach (long opset in new[] { 13, 17, OperatorSchemas.NewestOpset })
        {
            Model converted = OnnxReader.Read(path);
            OpsetConverter.Convert(converted, opset);
            Assert.True(converted.Opset >= opset);
            Assert.Empty(GraphVerifier.Verify(converted));
            // ONNX Runtime's kernels of later versions may add in another order.
            AssertSame(original, OnnxWriter.ToBytes(converted), tolerance: 1e-5f);
        }
    }

    private static SessionOptions AsItIs => new() { GraphOptimization = GraphOptimization.None };

    private static void AssertSame(InferenceSession original, byte[] rewritten, float tolerance = 0)
    {
        using InferenceSession session = InferenceSession.Open(rewritten, AsItIs);
        AssertSame(original, session, tolerance);
    }

    private static void AssertSame(InferenceSession original, InferenceSession rewritten, float tolerance = 0)
    {
        Assert.Equal(original.Inputs.Select(i => i.Name), rewritten.Inputs.Select(i => i.Name));
        Assert.Equal(original.Outputs.Select(o => o.Name), rewritten.Outputs.Select(o => o.Name));
        (string, TensorBuffer)[] inputs = [.. original.Inputs.Select((input, i) => (input.Name, Feed(input, i)))];
        TensorBuffer[] expected = original.Run(inputs), actual = rewritten.Run(inputs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i].Shape.ToArray(), actual[i].Shape.ToArray());
            float[] left = expected[i].AsSpan<float>().ToArray(), right = actual[i].AsSpan<float>().ToArray();
            float allowed = tolerance * left.Max(Math.Abs);
            Assert.All(left.Zip(right), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= allowed, $"{original.Outputs[i].Name}: {pair}"));
        }
    }

    /// <summary>Open dimensions are such as the models take: a batch of one, a frame of 512 samples, a line of text 48 pixels high.</summary>
    private static TensorBuffer Feed(TensorInfo input, int seed)
    {
        if (input.Name == "sr") return TensorBuffer.Create([], [16000L]);
        long[] dims = [.. input.Shape!.Select((size, axis) => size > 0 ? size : axis switch { 0 => 1, 1 when input.Shape!.Count == 2 => 512, 1 => 1, 2 => 48, _ => 96 })];
        Tensor tensor = TestTensors.Random((ElementType)input.ElementType, seed, dims);
        return TensorBuffer.Create(input.ElementType, dims, tensor.Bytes.ToArray());
    }
}
