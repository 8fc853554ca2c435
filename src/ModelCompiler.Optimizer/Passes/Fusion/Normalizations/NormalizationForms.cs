using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion.Affine;
using ModelCompiler.Optimizer.Passes.Fusion.Matching;
using static ModelCompiler.Optimizer.Passes.Fusion.Matching.Pattern;

namespace ModelCompiler.Optimizer.Passes.Fusion.Normalizations;

/// <summary>The pieces that exporters build normalizations of.</summary>
internal static class NormalizationForms
{
    private static readonly Pattern[] LayerNormalization = DividedByRoot(Centered, Power(Centered));

    /// <summary>
    /// Whether a value is a layer normalization in pieces, with or without scale and bias. Such a one stays together: a provider that finds
    /// all of it at load would not find it without its scale.
    /// </summary>
    public static bool IsLayerNormalization(Value value)
    {
        for (int affine = 0; affine < 3 && value.Producer is { } node; affine++)
        {
            if (Array.Exists(LayerNormalization, form => Match.Of(form, node) is not null)) return true;
            if (ChannelAffine.DataOf(node) is not { } data) return false;
            value = data;
        }
        return false;
    }

    /// <summary>The mean over the last axes.</summary>
    public static Pattern Mean(Pattern of) => Op("ReduceMean", ReductionAxes.AreTrailing, of);

    /// <summary>x − mean(x).</summary>
    public static Pattern Centered => CenteredBy(Mean(Any("x")));

    /// <summary>x − <paramref name="mean"/>.</summary>
    public static Pattern CenteredBy(Pattern mean) => Op("Sub", Any("x"), mean);

    /// <summary>The mean of the squares of a value, plus epsilon.</summary>
    public static Pattern Power(Pattern of) => Sum("epsilon", Mean(Squared(of)));

    /// <summary>x/√s in the ways to write it, with s = <paramref name="square"/>.</summary>
    /// <param name="numerator">x: the operand that is matched first.</param>
    /// <param name="square">What the root is taken of.</param>
    public static Pattern[] DividedByRoot(Pattern numerator, Pattern square) =>
    [
        Op("Div", numerator, Op("Sqrt", square)),
        Op("Mul", numerator, ReciprocalRoot(square)),
        Op("Div", numerator, Op("Pow", square, Number(0.5))),
    ];

    /// <summary>1/√s.</summary>
    public static Pattern ReciprocalRoot(Pattern square) => Either(
        Op("Reciprocal", Op("Sqrt", square)),
        Op("Div", Number(1), Op("Sqrt", square)),
        Op("Pow", square, Number(-0.5)));

    // PyTorch puts a Cast before Pow.
    private static Pattern Squared(Pattern of) => Either(Op("Mul", of, of), Op("Pow", Either(of, Op("Cast", of)), Number(2)));
}
