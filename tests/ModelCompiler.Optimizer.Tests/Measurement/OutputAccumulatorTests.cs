using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Runtime;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Measurement;

public class OutputAccumulatorTests
{
    private const float NaN = float.NaN;
    private const float Infinity = float.PositiveInfinity;

    [Theory]
    [InlineData(16, 0, true)]
    // Too few rows to tell, and one that chooses otherwise.
    [InlineData(15, 0, false)]
    [InlineData(16, 200, false)]
    public void One_answer_to_all_rows_is_told(int rows, float first, bool isOneAnswer)
    {
        float[] numbers = [.. Enumerable.Range(0, rows).SelectMany(row => (float[])[row == 5 ? first : 1, 100 - row, -3])];
        var accumulator = new OutputAccumulator("y");
        var a = TensorBuffer.Create([rows, 3], numbers);
        var b = TensorBuffer.Create([rows, 3], numbers);
        accumulator.Add(a, b, rows, rows);
        Assert.Equal(isOneAnswer, accumulator.Result().IsOneAnswer);
    }

    [Fact]
    public void Sums_up_over_runs_what_the_definitions_say_of_all_numbers()
    {
        float[] a = [1, 2, 3, -4, 5, 6];
        float[] b = [1, 2.5f, 3, -4, 4, 6.25f];
        var accumulator = new OutputAccumulator("y");
        for (int i = 0; i < a.Length; i += 2) accumulator.Add(Tensor(a[i..(i + 2)], 1, 2), Tensor(b[i..(i + 2)], 1, 2), 1, 1);
        OutputAgreement result = accumulator.Result();

        double squaresA = a.Sum(x => (double)x * x);
        double squaresB = b.Sum(x => (double)x * x);
        double products = a.Zip(b, (x, y) => (double)x * y).Sum();
        double noise = a.Zip(b, (x, y) => ((double)x - y) * ((double)x - y)).Sum();
        Assert.Equal("y", result.Name);
        Assert.Equal(products / Math.Sqrt(squaresA * squaresB), result.Cosine, 12);
        Assert.Equal(10 * Math.Log10(squaresA / noise), result.SqnrDb, 12);
        Assert.Equal(1, result.MaxAbs);
        Assert.Equal(1, result.Top1Agreement);
    }

    [Theory]
    [InlineData(new[] { 1f, 2f }, new[] { 1f, 2f }, 1, double.PositiveInfinity, 0)]
    [InlineData(new[] { 0f, 0f }, new[] { 0f, -0f }, 1, double.PositiveInfinity, 0)]
    [InlineData(new[] { 0f, 0f }, new[] { 0f, 1f }, 0, double.NegativeInfinity, 1)]
    [InlineData(new[] { 2f, 0f }, new[] { 0f, 0f }, 0, 0, 2)]
    [InlineData(new[] { 1f, NaN }, new[] { 1f, NaN }, 1, double.PositiveInfinity, 0)]
    [InlineData(new[] { 1f, Infinity }, new[] { 1f, Infinity }, 1, double.PositiveInfinity, 0)]
    [InlineData(new[] { 1f, NaN }, new[] { 1f, 0f }, 0, double.NegativeInfinity, double.PositiveInfinity)]
    [InlineData(new[] { 1f, 0f }, new[] { 1f, Infinity }, 0, double.NegativeInfinity, double.PositiveInfinity)]
    [InlineData(new[] { 1f, -Infinity }, new[] { 1f, Infinity }, 0, double.NegativeInfinity, double.PositiveInfinity)]
    public void Has_an_answer_at_the_edges(float[] a, float[] b, double cosine, double sqnr, double maxAbs)
    {
        OutputAgreement result = Compare(Tensor(a, 2), Tensor(b, 2));
        Assert.Equal(cosine, result.Cosine);
        Assert.Equal(sqnr, result.SqnrDb);
        Assert.Equal(maxAbs, result.MaxAbs);
    }

    [Fact]
    public void Counts_rows_with_the_same_largest_element_the_first_among_equals_and_NaN_above_all()
    {
        float[] a = [1, 2, 3, 5, 5, 0, NaN, 9, 1, 1, 2, 3];
        float[] b = [0, 0, 1, 5, 4, 0, NaN, 1, 9, 3, 2, 1];
        Assert.Equal(0.75, Compare(Tensor(a, 4, 3), Tensor(b, 4, 3)).Top1Agreement);
    }

    [Fact]
    public void Follows_rows_across_the_pieces_in_which_it_reads()
    {
        const int length = 3000;
        float[] a = new float[2 * length];
        float[] b = new float[2 * length];
        (a[2500], a[length + 1500], b[2500], b[length + 1501]) = (1, 1, 1, 1);
        OutputAgreement result = Compare(Tensor(a, 2, length), Tensor(b, 2, length));
        Assert.Equal(0.5, result.Top1Agreement);
        // One of the two rows made another choice, of which the first is sure.
        Assert.Equal(0.5, result.Regret);
    }

    [Fact]
    public void Counts_what_other_choices_cost_by_the_probabilities_of_the_first_model()
    {
        // Of the rows: the same choice, probabilities, and scores with e⁰ : e⁻¹ : e⁻² between them, of which the second has 0.2447 less than the first's 0.6652.
        float[] a = [0.1f, 0.2f, 0.7f, 0.25f, 0.35f, 0.4f, 5, 4, 3];
        float[] b = [0, 0, 1, 0, 1, 0, 0, 1, 0];
        Assert.Equal((0 + 0.05 + 0.6652 - 0.2447) / 3, Compare(Tensor(a, 3, 3), Tensor(b, 3, 3)).Regret!.Value, 4);
        Assert.Equal(1, Compare(Tensor([NaN, 1], 1, 2), Tensor([0, 1], 1, 2)).Regret);
        Assert.Null(Compare(Tensor([1], 1), Tensor([2], 1)).Regret);
    }

    [Fact]
    public void Has_no_largest_element_where_there_is_nothing_to_choose_from()
    {
        Assert.Null(Compare(Tensor([1], 1), Tensor([1], 1)).Top1Agreement);
        Assert.Null(Compare(Tensor([1, 2], 2, 1), Tensor([1, 2], 2, 1)).Top1Agreement);
        Assert.Null(Compare(Tensor([1]), Tensor([1])).Top1Agreement);
    }

    /// <summary>Two samples of three classes for each of two pixels: one pixel of the first changes from its second class, which it is sure of.</summary>
    [Fact]
    public void Chooses_along_another_dimension_than_the_last()
    {
        float[] a = [0, 9, 40, 1, 0, 2, /**/ 1, 2, 3, 4, 5, 6];
        float[] b = [0, 9, 40, 1, 50, 2, /**/ 1, 2, 3, 4, 5, 6];
        var accumulator = new OutputAccumulator("y") { ChoiceAxis = 1 };
        accumulator.Add(Tensor(a, 2, 3, 2), Tensor(b, 2, 3, 2), rows: 2, validRows: 2);
        Assert.Equal((0.75, 0.25), (accumulator.Result().Top1Agreement, accumulator.Result().Regret!.Value));
        var batch = new OutputAccumulator("y") { ChoiceAxis = 1 };
        batch.Add(Tensor(a, 2, 3, 2), Tensor(b, 2, 3, 2), rows: 2, validRows: 1);
        Assert.Equal(0.5, batch.Result().Top1Agreement);
    }

    [Fact]
    public void One_number_a_sample_is_no_choice_and_neither_is_what_is_said_not_to_be()
    {
        var numbers = new OutputAccumulator("y");
        numbers.Add(Tensor([1, 2, 3], 3), Tensor([3, 2, 1], 3), rows: 3, validRows: 3);
        Assert.Null(numbers.Result().Top1Agreement);
        Assert.NotNull(Compare(Tensor([1, 2, 3], 3), Tensor([3, 2, 1], 3)).Top1Agreement);
        var embedding = new OutputAccumulator("y") { ChoiceAxis = -1 };
        embedding.Add(Tensor([1, 2], 1, 2), Tensor([2, 1], 1, 2), rows: 1, validRows: 1);
        Assert.Null(embedding.Result().Top1Agreement);
    }

    [Fact]
    public void Leaves_out_the_rows_that_only_fill_up_a_batch()
    {
        var accumulator = new OutputAccumulator("y");
        accumulator.Add(Tensor([1, 2, 3, 4, 9, 9], 3, 2), Tensor([1, 2, 3, 4, 0, 1], 3, 2), rows: 3, validRows: 2);
        Assert.Equal(0, accumulator.Result().MaxAbs);
        Assert.Equal(1, accumulator.Result().Top1Agreement);
    }

    [Fact]
    public void Compares_across_element_types_and_compares_strings()
    {
        OutputAgreement half = Compare(Tensor([0.5f, 2], 2), TensorBuffer.Create([2], new[] { (Half)0.5f, (Half)2 }));
        Assert.Equal(double.PositiveInfinity, half.SqnrDb);
        Assert.Equal(0, Compare(Text("a", "b"), Text("a", "b")).MaxAbs);
        Assert.Equal(double.PositiveInfinity, Compare(Text("a", "b"), Text("a", "c")).MaxAbs);
    }

    [Fact]
    public void Refuses_outputs_of_different_shape_or_nature()
    {
        var error = Assert.Throws<CompilerException>(() => Compare(Tensor([1, 2], 2), Tensor([1, 2], 1, 2)));
        Assert.Equal("OM2218", error.Code);
        Assert.Contains("float32[1, 2]", error.Message, StringComparison.Ordinal);
        Assert.Equal("OM2218", Assert.Throws<CompilerException>(() => Compare(Tensor([1], 1), Text("a"))).Code);
    }

    [Fact]
    public void What_only_one_side_has_differs_by_all_that_it_is_where_the_size_is_open()
    {
        OutputAgreement boxes = CompareOpen(Tensor([3, 4, 1, 1], 1, 2, 2), Tensor([3, 4], 1, 1, 2));
        Assert.Equal(10 * Math.Log10(27 / 2.0), boxes.SqnrDb, 1e-9);
        Assert.Equal((0.5, 1.0), (boxes.Top1Agreement, boxes.MaxAbs));
        Assert.Equal(0.5, CompareOpen(TensorBuffer.Create([1], new[] { 7L }), TensorBuffer.Create([2], new[] { 7L, 8 })).Same);
        Assert.Equal(double.NegativeInfinity, CompareOpen(Tensor([], 0, 4), Tensor([1, 2, 3, 4], 1, 4)).SqnrDb);
        Assert.Equal("OM2218", Assert.Throws<CompilerException>(() => CompareOpen(Tensor([1, 2], 2), Tensor([1, 2], 1, 2))).Code);
        Assert.Equal("OM2218", Assert.Throws<CompilerException>(() => CompareOpen(Tensor([1, 2, 3, 4], 2, 2), Tensor([1, 2], 2, 1))).Code);
    }

    private static OutputAgreement CompareOpen(TensorBuffer a, TensorBuffer b)
    {
        var accumulator = new OutputAccumulator("y") { HasOpenSize = true };
        accumulator.Add(a, b, 1, 1);
        return accumulator.Result();
    }

    private static OutputAgreement Compare(TensorBuffer a, TensorBuffer b)
    {
        var accumulator = new OutputAccumulator("y");
        accumulator.Add(a, b, 1, 1);
        return accumulator.Result();
    }

    private static TensorBuffer Tensor(float[] values, params long[] shape) => TensorBuffer.Create(shape, values);

    private static TensorBuffer Text(params string[] values) => TensorBuffer.Create([values.Length], values);
}
