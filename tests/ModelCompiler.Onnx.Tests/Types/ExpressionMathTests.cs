namespace ModelCompiler.Onnx.Tests.Types;

/// <summary>Random expressions against the same arithmetic on numbers.</summary>
public class ExpressionMathTests
{
    private static readonly string[] Symbols = ["a", "b", "c"];

    private readonly Random _random;
    private readonly int _seed = Random.Shared.Next();

    public ExpressionMathTests() => _random = new Random(_seed);

    /// <summary>An expression, and its value where the symbols have the values of the test.</summary>
    private readonly record struct Pair(IntegerExpression Symbolic, long Number);

    [Fact]
    public void Arithmetic_agrees_with_numbers()
    {
        for (int round = 0; round < 4_000; round++)
        {
            var values = new Dictionary<string, long>();
            foreach (string symbol in Symbols) values[symbol] = _random.Next(0, 12);
            Pair pair = Make(values, 4);
            if (pair.Symbolic.IsUnknown) continue;
            IntegerExpression evaluated = ExpressionMath.Substitute(pair.Symbolic, atom => atom.Kind == AtomKind.Symbol ? values[atom.Name] : null);
            Assert.True(evaluated.ValueOrNull == pair.Number, $"seed {_seed}: {pair.Symbolic} is {evaluated}, expected {pair.Number} for {string.Join(" ", values)}");
            long bound = ExpressionBounds.Lower(pair.Symbolic) ?? long.MinValue;
            Assert.True(bound <= pair.Number, $"seed {_seed}: {pair.Symbolic} >= {bound}, but it is {pair.Number}");
        }
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        for (int round = 0; round < 2_000; round++)
        {
            IntegerExpression expression = Make(Symbols.ToDictionary(s => s, _ => 1L), 4).Symbolic;
            // "-b" is no size, and read as a name.
            if (expression.Polynomial is null || expression.ToString().StartsWith('-')) continue;
            IntegerExpression read = ExpressionParser.Parse(expression.ToString());
            Assert.True(read == expression, $"seed {_seed}: {expression} reads back as {read}");
        }
    }

    [Fact]
    public void Equal_values_written_differently_are_equal()
    {
        IntegerExpression a = ExpressionParser.Parse("a");
        IntegerExpression b = ExpressionParser.Parse("b");
        Assert.Equal(ExpressionMath.Max(a, b), ExpressionMath.Max(b, a));
        Assert.Equal(a + b, ExpressionMath.Max(a, b) + ExpressionMath.Min(a, b));
        Assert.Equal(ExpressionMath.Max(a * 2, b * 2), ExpressionMath.Max(a, b) * 2);
        Assert.Equal(ExpressionMath.Max(a - 1, 0), a - ExpressionMath.Min(a, 1));
        Assert.Equal("min(a, b)", ExpressionMath.Min(a, b).ToString());
        Assert.Equal("max(a - 1, 0)", ExpressionMath.Max(a - 1, 0).ToString());
    }

    [Fact]
    public void Bounds_of_a_deep_expression_are_given_up_in_time()
    {
        IntegerExpression expression = ExpressionParser.Parse("a");
        for (int i = 0; i < 40; i++) expression = ExpressionMath.Max(expression - ExpressionParser.Parse("b"), ExpressionMath.Min(expression, ExpressionParser.Parse($"c{i}")));
        Assert.True(expression.IsUnknown || expression.Size <= Polynomial.MaxSize);
    }

    private Pair Make(Dictionary<string, long> values, int depth)
    {
        if (depth == 0 || _random.Next(6) == 0) return Leaf(values);
        Pair left = Make(values, depth - 1);
        Pair right = Make(values, depth - 1);
        return _random.Next(7) switch
        {
            0 => new Pair(left.Symbolic + right.Symbolic, left.Number + right.Number),
            1 => new Pair(left.Symbolic - right.Symbolic, left.Number - right.Number),
            2 => new Pair(left.Symbolic * right.Symbolic, left.Number * right.Number),
            3 => new Pair(ExpressionMath.Max(left.Symbolic, right.Symbolic), Math.Max(left.Number, right.Number)),
            4 => new Pair(ExpressionMath.Min(left.Symbolic, right.Symbolic), Math.Min(left.Number, right.Number)),
            5 => Divide(left, right.Number == 0 || _random.Next(2) == 0 ? new Pair(4, 4) : right, isCeiling: false),
            _ => Divide(left, new Pair(3, 3), isCeiling: true),
        };
    }

    private static Pair Divide(Pair left, Pair right, bool isCeiling)
    {
        var quotient = (long)Math.Floor((decimal)left.Number / right.Number);
        if (!isCeiling) return new Pair(ExpressionMath.FloorDivide(left.Symbolic, right.Symbolic), quotient);
        return new Pair(ExpressionMath.CeilingDivide(left.Symbolic, right.Symbolic), (long)Math.Ceiling((decimal)left.Number / right.Number));
    }

    private Pair Leaf(Dictionary<string, long> values)
    {
        if (_random.Next(3) == 0)
        {
            int number = _random.Next(-4, 9);
            return new Pair(number, number);
        }
        string symbol = Symbols[_random.Next(Symbols.Length)];
        return new Pair(ExpressionParser.Parse(symbol), values[symbol]);
    }
}
