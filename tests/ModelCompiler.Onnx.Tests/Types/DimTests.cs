namespace ModelCompiler.Onnx.Tests.Types;

public class DimTests
{
    private static readonly Dim N = Dim.Named("n");
    private static readonly Dim W = Dim.Named("w");

    [Fact]
    public void Sums_and_products_are_canonical()
    {
        Assert.Equal(N + W, W + N);
        Assert.Equal((N + W) * (N + W), N * N + 2 * N * W + W * W);
        Assert.Equal(N, N + W - W);
        Assert.Equal(Dim.Of(0), N - N);
        Assert.Equal("n + w", (W + N).ToString());
        Assert.Equal("2*n - 1", (N + N - 1).ToString());
    }

    [Theory]
    [InlineData("2*n", 2, "n")]
    [InlineData("4*n + 6", 2, "2*n + 3")]
    [InlineData("2*n + 1", 2, "n")]
    [InlineData("n + 5", 2, "floor((n + 1)/2) + 2")]
    [InlineData("6*n + 4", 4, "floor(3*n/2) + 1")]
    [InlineData("n - 1", 2, "floor((n + 1)/2) - 1")]
    [InlineData("floor(n/2) + 1", 2, "floor((n + 2)/4)")]
    public void Floor_division_takes_out_what_is_whole(string dividend, long divisor, string expected) =>
        Assert.Equal(Dim.Named(expected), Dim.FloorDivide(Dim.Named(dividend), divisor));

    [Fact]
    public void Exact_division_by_a_sum()
    {
        Assert.Equal(Dim.Of(64), Dim.FloorDivide(64 * (N + W), N + W));
        Assert.Equal(N, Dim.FloorDivide(N * W * 3, W * 3));
    }

    [Fact]
    public void Ceiling_is_the_floor_of_one_less_than_the_next()
    {
        Assert.Equal("floor((n + 1)/2)", Dim.CeilingDivide(N, 2).ToString());
        Assert.Equal(3, Dim.CeilingDivide(5, 2).Value);
    }

    [Theory]
    [InlineData("past + seq")]
    [InlineData("past_len+1")]
    [InlineData("floor((w - 1)/2) + 1")]
    [InlineData("max(w - 1, 0)")]
    [InlineData("batch-size")]
    [InlineData("a (b")]
    [InlineData("2 apples")]
    [InlineData("x:0")]
    [InlineData("floor(n/0)")]
    public void Names_are_kept_as_the_file_writes_them(string name) => Assert.Equal(name, Dim.Named(name).Symbol);

    [Fact]
    public void What_is_written_reads_back_as_the_same_size()
    {
        Dim size = Dim.FloorDivide(3 * N * W - N + 7, 4) * 2 + Dim.CeilingDivide(W, N);
        Assert.Equal(size, Dim.Named(size.ToString()));
    }

    [Fact]
    public void Nesting_that_no_exporter_writes_is_one_symbol()
    {
        string name = new string('(', 10_000) + "n" + new string(')', 10_000);
        Assert.Equal(name, Dim.Named(name).Symbol);
    }

    [Fact]
    public void Unknown_is_the_same_as_nothing_and_a_fresh_one_only_as_itself()
    {
        Dim fresh = Dim.Fresh();
        Assert.False(Dim.Unknown.IsSame(Dim.Unknown));
        Assert.True(fresh.IsSame(fresh));
        Assert.False(fresh.IsSame(Dim.Fresh()));
        Assert.True(fresh.IsUnknown);
        Assert.Null((fresh * 2).Symbol);
        Assert.Equal(fresh, Dim.FloorDivide(fresh * 2, 2));
        Assert.Equal("?", fresh.ToString());
    }

    [Fact]
    public void Overflow_and_excessive_size_are_unknown()
    {
        Assert.True((Dim.Of(long.MaxValue) + 1).IsUnknown);
        Assert.True((Dim.Of(long.MaxValue) * N * 2).IsUnknown);
        Dim sum = 0;
        for (int i = 0; i < 100; i++) sum += Dim.Named($"s{i}");
        Assert.True(sum.IsUnknown);
    }

    [Fact]
    public void Symbols_are_replaced_by_sizes()
    {
        Dim size = Dim.FloorDivide(W - 1, 2) + 1 + N;
        var sizes = new Dictionary<string, Dim> { ["w"] = 224, ["n"] = 3 };
        Assert.Equal(115, size.Substitute(sizes).Value);
        Assert.Equal("n + 112", size.Substitute(new Dictionary<string, Dim> { ["w"] = 224 }).ToString());
    }
}
