using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>
/// A piece of data flow to look for, read from its result to its inputs. Patterns say what is computed, not how an exporter wrote it down:
/// operands of commutative operators stand in either order, constant factors and summands anywhere in a product or sum.
/// </summary>
internal abstract class Pattern
{
    /// <summary>A value of any origin; the same name stands for the same value.</summary>
    public static Pattern Any(string name) => new AnyPattern(name);

    /// <summary>A value that is computed like <paramref name="pattern"/>, and has a name.</summary>
    public static Pattern Named(string name, Pattern pattern) => new NamedPattern(name, pattern);

    /// <summary>A constant tensor.</summary>
    public static Pattern Constant(string name) => new ConstantPattern(name);

    /// <summary>A scalar constant of that value.</summary>
    public static Pattern Number(double number) => new NumberPattern(number);

    /// <summary>A scalar constant, whose value gets a name.</summary>
    public static Pattern Number(string name) => new NumberPattern(name);

    /// <summary>The first output of an operator of ONNX's own domain whose inputs match in order, or in reverse order where it is commutative.</summary>
    public static Pattern Op(string opType, params Pattern[] inputs) => new OperatorPattern(opType, null, inputs);

    /// <summary>An operator that also satisfies a condition.</summary>
    public static Pattern Op(string opType, Func<Node, Match, bool> condition, params Pattern[] inputs) => new OperatorPattern(opType, condition, inputs);

    /// <summary>One of several forms.</summary>
    public static Pattern Either(params Pattern[] forms) => new EitherPattern(forms);

    /// <summary><paramref name="factor"/> · the factors, multiplied in any order, by Mul, Neg, and Div by a constant.</summary>
    public static Pattern Product(double factor, params Pattern[] factors) => new ChainPattern(ChainKind.Product, factor, null, factors);

    /// <summary>A product with any constant factor, which gets a name (1 where there is none).</summary>
    public static Pattern Product(string factor, params Pattern[] factors) => new ChainPattern(ChainKind.Product, double.NaN, factor, factors);

    /// <summary><paramref name="summand"/> + the summands, added in any order, by Add and by Sub with a constant.</summary>
    public static Pattern Sum(double summand, params Pattern[] summands) => new ChainPattern(ChainKind.Sum, summand, null, summands);

    /// <summary>A sum with any constant summand, which gets a name (0 where there is none).</summary>
    public static Pattern Sum(string summand, params Pattern[] summands) => new ChainPattern(ChainKind.Sum, double.NaN, summand, summands);

    /// <summary>A value squared: Pow by 2, or Mul with itself.</summary>
    public static Pattern Square(string name) => Either(Op("Pow", Any(name), Number(2)), Op("Mul", Any(name), Any(name)));

    /// <summary>Whether the value is computed like this. A failed attempt leaves the match as it was.</summary>
    public bool Matches(Value value, Match match)
    {
        (int, int, int) mark = match.Save();
        if (MatchesOrSpoils(value, match)) return true;
        match.Restore(mark);
        return false;
    }

    /// <summary>Whether the node may be the last of the pattern: a quick look that spares most nodes the attempt.</summary>
    public virtual bool MayEndIn(Node node) => true;

    /// <summary>Whether the value is computed like this; a failed attempt may leave names and nodes behind.</summary>
    protected abstract bool MatchesOrSpoils(Value value, Match match);

    private sealed class AnyPattern(string name) : Pattern
    {
        protected override bool MatchesOrSpoils(Value value, Match match) => match.Bind(name, value);
    }

    private sealed class NamedPattern(string name, Pattern pattern) : Pattern
    {
        public override bool MayEndIn(Node node) => pattern.MayEndIn(node);

        protected override bool MatchesOrSpoils(Value value, Match match) => pattern.Matches(value, match) && match.Bind(name, value);
    }

    private sealed class ConstantPattern(string name) : Pattern
    {
        protected override bool MatchesOrSpoils(Value value, Match match) => Constants.IsConstant(value) && match.Bind(name, value);
    }

    private sealed class NumberPattern : Pattern
    {
        private readonly double _number;
        private readonly string? _name;

        public NumberPattern(double number) => _number = number;

        public NumberPattern(string name) => _name = name;

        protected override bool MatchesOrSpoils(Value value, Match match) => match.ReadNumber(value) is { } number
            && (_name is null ? Math.Abs(number - _number) <= 1e-6 * Math.Abs(_number) : match.Bind(_name, number));
    }

    private sealed class EitherPattern(Pattern[] forms) : Pattern
    {
        public override bool MayEndIn(Node node) => Array.Exists(forms, form => form.MayEndIn(node));

        protected override bool MatchesOrSpoils(Value value, Match match) => Array.Exists(forms, form => form.Matches(value, match));
    }
}
