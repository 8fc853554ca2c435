using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Sessions;

public sealed class ModelImageTests
{
    private const long Rows = 70_000, Columns = 1_000;

    [Fact]
    public void A_model_that_is_too_large_for_memory_is_opened_from_files_that_go_with_the_image()
    {
        Model model = Lookup(tables: 2);
        Assert.True(ModelImage.IsLarge(model));
        string folder;
        using (ModelImage image = ModelImage.Of(model))
        {
            Assert.Null(image.Folder);
            using InferenceSession session = image.Open();
            folder = image.Folder!;
            Assert.True(Directory.Exists(folder));
            TensorBuffer sum = session.Run([("row", TensorBuffer.Create([1], new[] { Rows - 1 }))])[0];
            Assert.All(sum.AsSpan<float>().ToArray(), value => Assert.Equal(1.5f, value));
        }
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_small_model_is_opened_from_memory()
    {
        var b = new GraphBuilder();
        using ModelImage image = ModelImage.Of(b.Output("y", b.Op("Neg", b.Input("x", 1))).Model);
        using InferenceSession session = image.Open();
        Assert.Equal(-2f, session.Run([("x", TensorBuffer.Create([1], new[] { 2f }))])[0].AsSpan<float>()[0]);
        Assert.Null(image.Folder);
        Assert.Equal(OnnxWriter.ToBytes(b.Model), image.Structure.ToArray());
    }

    [Fact]
    public void A_model_of_middle_size_is_a_file_that_no_later_change_reaches()
    {
        var b = new GraphBuilder();
        Model model = b.Output("y", b.Op("MatMul", b.Input("x", 1, 1500), b.Weights(1, 1500, 1500))).Model;
        ModelImage image = ModelImage.Of(model);
        byte[] before = OnnxWriter.ToBytes(model);
        model.Graph.Nodes.First().Attributes.Set("changed", 1);
        Assert.Equal(before, image.Structure.ToArray());
        using (InferenceSession session = image.Open()) Assert.NotEqual(0, session.Run([("x", TensorBuffer.Create([1, 1500], TestTensors.Normal(2, 1, 1500).Floats()))])[0].AsSpan<float>()[0]);
        string folder = image.Folder!;
        Assert.True(Directory.Exists(folder));
        image.Dispose();
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void A_session_that_is_not_timed_maps_weights_beside_the_file_and_answers_the_same()
    {
        var b = new GraphBuilder();
        Model model = b.Output("y", b.Op("MatMul", b.Input("x", 1, 1500), b.Weights(1, 1500, 1500))).Model;
        string folder;
        using (ModelImage mapped = ModelImage.Mapped(model), read = ModelImage.Of(model))
        {
            folder = mapped.Folder!;
            Assert.InRange(mapped.Structure.Length, 1, 10_000);
            Assert.Equal(Answer(read), Answer(mapped));
        }
        Assert.False(Directory.Exists(folder));

        var small = new GraphBuilder();
        using ModelImage held = ModelImage.Mapped(small.Output("y", small.Op("Neg", small.Input("x", 1))).Model);
        Assert.True(held.IsHeld);

        static float[] Answer(ModelImage image)
        {
            using InferenceSession session = image.Open(ModelImage.ForFewRuns);
            return session.Run([("x", TensorBuffer.Create([1, 1500], TestTensors.Normal(2, 1, 1500).Floats()))])[0].AsSpan<float>().ToArray();
        }
    }

    [Fact]
    public void A_large_model_is_compiled_without_its_weights_in_memory()
    {
        CompileResult result = Compiler.Compile(Lookup(tables: 2), new CompileOptions { MeasureLatency = false });
        Assert.Equal(["Gather", "Gather", "Add"], result.Model.Graph.Operators());
        Assert.All(result.Model.Graph.Initializers, value => Assert.IsType<StoredWeights>(value.Initializer!.Data));
        Assert.Equal(0, result.FloatNodes);
    }

    [Fact]
    public void A_large_model_that_ONNX_Runtime_refuses_is_a_diagnostic()
    {
        Model model = Lookup(tables: 2);
        model.Graph.Nodes.First().Attributes.Set("axis", 7);
        CompilerException e = Assert.Throws<CompilerException>(() => Compiler.Compile(model, new CompileOptions { MeasureLatency = false }));
        Assert.Equal("OM1004", e.Code);
        Assert.Contains("Gather", e.Message, StringComparison.Ordinal);
    }

    /// <summary>The sum of the same row of large tables, with something to optimize.</summary>
    private static Model Lookup(int tables)
    {
        var b = new GraphBuilder();
        Value row = b.Input("row", ElementType.Int64, 1);
        Value[] rows = new Value[tables];
        for (int i = 0; i < tables; i++)
        {
            Value table = b.Constant(new Tensor(ElementType.Float, [Rows, Columns], new StoredWeights(Rows * Columns, 0.5f * (i + 1))), $"table{i}");
            rows[i] = b.Op("Identity", b.Op("Gather", table, row));
        }
        return b.Output("sum", b.Op("Add", rows[0], rows[1])).Model;
    }
}
