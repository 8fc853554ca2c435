using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

public class AccuracyCounterTests
{
    [Fact]
    public void Counts_rows_whose_largest_score_is_the_label()
    {
        var counter = new AccuracyCounter();
        counter.Add([("y", TensorBuffer.Create([2, 3], new[] { 0f, 1, 2, 5, 4, 3 }))], 2, [2, 1]);
        counter.Add([("y", TensorBuffer.Create([1, 3], new[] { 9f, 9, 0 }))], 1, [0]);
        Assert.Equal(new Accuracy(2, 3), counter.Result);
        Assert.Equal(2 / 3.0, counter.Result.Share);
        Assert.Equal(200 / 3.0, counter.Result.Percent, 12);
    }

    [Fact]
    public void Leaves_out_rows_past_the_labels() =>
        Assert.Equal(new Accuracy(1, 1), Count(3, [1], ("y", TensorBuffer.Create([3, 2], new[] { 0f, 1, 0, 1, 0, 1 }))));

    [Fact]
    public void Finds_the_classes_past_dimensions_of_one_and_in_models_without_a_batch()
    {
        Assert.Equal(new Accuracy(2, 2), Count(2, [1, 0], ("y", TensorBuffer.Create([2, 2, 1, 1], new[] { 0f, 1, 1, 0 }))));
        Assert.Equal(new Accuracy(1, 1), Count(1, [2], ("y", TensorBuffer.Create([3], new[] { 0f, 1, 2 }))));
    }

    [Fact]
    public void Takes_integers_as_the_class_and_skips_outputs_that_give_none()
    {
        TensorBuffer features = TensorBuffer.Create([2, 2, 2], new float[8]);
        Assert.Equal(new Accuracy(1, 2), Count(2, [3, 4], ("features", features), ("label", TensorBuffer.Create([2], new[] { 3L, 5L }))));
        Assert.Equal(new Accuracy(2, 2), Count(2, [3, 4], ("features", features), ("label", TensorBuffer.Create([2, 1], new[] { 3, 4 }))));
    }

    [Fact]
    public void Says_when_there_is_no_class_or_a_label_is_none()
    {
        var none = Assert.Throws<CompilerException>(() => Count(2, [0, 1], ("y", TensorBuffer.Create([2, 1], new float[2]))));
        Assert.Equal("OM2217", none.Code);
        foreach (long label in new[] { -1L, 2L })
        {
            var outside = Assert.Throws<CompilerException>(() => Count(1, [label], ("y", TensorBuffer.Create([1, 2], new float[2]))));
            Assert.Equal("OM2216", outside.Code);
            Assert.Contains("2 classes", outside.Message, StringComparison.Ordinal);
        }
    }

    private static Accuracy Count(int rows, long[] labels, params (string, TensorBuffer)[] outputs)
    {
        var counter = new AccuracyCounter();
        counter.Add(outputs, rows, labels);
        return counter.Result;
    }
}
