using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Cleanup;

/// <summary>
/// When arithmetic with a constant changes nothing: x+0, x−0, x·1, x/1, x^1, x∧true, x∨false, x⊕false. The constant must not broadcast x to a
/// larger shape, and in floating point x+(+0) is not x: it makes +0 of −0.
/// </summary>
internal static class ArithmeticNoOps
{
    public static NoOp Add(Node node)
    {
        int other = NeutralSide(node, value => value == 0);
        return other < 0 ? NoOp.No : ZeroAdded(node, other, isExactZero: double.IsNegative);
    }

    public static NoOp Sub(Node node)
    {
        if (node.Constant(1).Uniform() is not { } zero || zero != 0 || !KeepsShape(node, 0)) return NoOp.No;
        return ZeroAdded(node, 0, isExactZero: value => !double.IsNegative(value));
    }

    public static NoOp Mul(Node node) => Neutral(node, NeutralSide(node, value => value == 1), "it multiplies by 1");

    public static NoOp Div(Node node) => node.Constant(1).Uniform() is 1 && KeepsShape(node, 0) ? NoOp.PassesOn(0, "it divides by 1") : NoOp.No;

    public static NoOp Pow(Node node) => node.Constant(1).Uniform() is 1 && KeepsShape(node, 0) ? NoOp.PassesOn(0, "the exponent is 1") : NoOp.No;

    public static NoOp And(Node node) => Neutral(node, NeutralSide(node, value => value == 1), "the other side is true");

    public static NoOp Or(Node node) => Neutral(node, NeutralSide(node, value => value == 0), "the other side is false");

    /// <summary>A selection whose condition is the same everywhere.</summary>
    public static NoOp Where(Node node)
    {
        if (node.Constant(0).Uniform() is not { } condition) return NoOp.No;
        int chosen = condition != 0 ? 1 : 2;
        return KeepsShape(node, chosen) ? NoOp.PassesOn(chosen, "the condition is the same everywhere") : NoOp.No;
    }

    /// <summary>The input that the node passes on because the other one is a neutral constant; −1 if there is none.</summary>
    private static int NeutralSide(Node node, Predicate<double> isNeutral)
    {
        for (int i = 0; i < 2; i++)
            if (node.Constant(1 - i).Uniform() is { } value && isNeutral(value) && KeepsShape(node, i)) return i;
        return -1;
    }

    private static NoOp Neutral(Node node, int input, string why) => input < 0 ? NoOp.No : NoOp.PassesOn(input, why);

    private static NoOp ZeroAdded(Node node, int input, Predicate<double> isExactZero)
    {
        double zero = node.Constant(1 - input).Uniform() ?? double.NaN;
        bool isExact = !node.Outputs[0].ElementType.IsFloatingPoint() || isExactZero(zero) || SignOfZero.IsUnseen(node.Outputs[0]);
        return isExact && node.Outputs[0].ElementType != ElementType.Undefined
            ? NoOp.PassesOn(input, "it adds 0")
            : NoOp.Refused("+0 added to -0 gives +0, and the sign can be seen");
    }

    private static bool KeepsShape(Node node, int input)
    {
        if (node.Input(input) is not { } x) return false;
        bool othersAreScalars = true;
        for (int i = 0; i < node.Inputs.Length; i++) othersAreScalars &= i == input || node.Input(i)?.Shape is { Rank: 0 };
        return othersAreScalars || Shapes.AreSame(x, node.Outputs[0]);
    }
}
