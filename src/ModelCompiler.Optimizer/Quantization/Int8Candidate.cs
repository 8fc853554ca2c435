using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Sessions;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>One way to quantize a model; nodes are named by their first output.</summary>
/// <param name="Ranges">How ranges are chosen.</param>
/// <param name="KeptInFloat">What stays in floating point because the answers need it.</param>
internal sealed record Int8Recipe(RangeMethod Ranges, IReadOnlySet<string> KeptInFloat)
{
    private const string RangesChoice = "ranges", EqualizationChoice = "equalization", RoundingChoice = "rounding", LeastSquaresRounding = "LeastSquares";

    /// <summary>What stays in floating point because it is faster so.</summary>
    public IReadOnlySet<string> FasterInFloat { get; init; } = new HashSet<string>();

    /// <summary>Convolutions on integers that are faster on tiles.</summary>
    public IReadOnlySet<string> OnTiles { get; init; } = new HashSet<string>();

    /// <summary>How far the channels of activations were evened out before, from 0 to 1.</summary>
    public double Equalization { get; init; }

    /// <summary>Whether weights are rounded for the least error of the outputs, not of the weights, and biases corrected.</summary>
    public bool LeastSquares { get; init; }

    /// <summary>Everything that stays in floating point.</summary>
    public IEnumerable<string> InFloat => KeptInFloat.Union(FasterInFloat);

    /// <summary>The recipe as it was recorded; ranges that are not named are those of the first method.</summary>
    public static Int8Recipe Of(CompilationPlan plan) =>
        new(Enum.TryParse(plan.Choices.GetValueOrDefault(RangesChoice), out RangeMethod ranges) ? ranges : default, plan.LayersWith(CompilationPlan.Float))
        {
            FasterInFloat = plan.LayersWith(CompilationPlan.FloatForSpeed),
            OnTiles = plan.LayersWith(CompilationPlan.OnTiles),
            Equalization = double.TryParse(plan.Choices.GetValueOrDefault(EqualizationChoice), CultureInfo.InvariantCulture, out double strength) ? strength : 0,
            LeastSquares = plan.Choices.GetValueOrDefault(RoundingChoice) == LeastSquaresRounding,
        };

    /// <summary>The recipe to record.</summary>
    public CompilationPlan ToPlan()
    {
        var choices = new Dictionary<string, string> { [RangesChoice] = Ranges.ToString() };
        if (Equalization > 0) choices.Add(EqualizationChoice, Equalization.ToString(CultureInfo.InvariantCulture));
        if (LeastSquares) choices.Add(RoundingChoice, LeastSquaresRounding);
        return new CompilationPlan
        {
            Precision = Precision.Int8,
            Choices = choices,
            Layers = InFloat.Union(OnTiles).Order(StringComparer.Ordinal).ToDictionary(name => name, Word),
        };
    }

    private string Word(string name) => KeptInFloat.Contains(name) ? CompilationPlan.Float : FasterInFloat.Contains(name) ? CompilationPlan.FloatForSpeed : CompilationPlan.OnTiles;

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = $"ranges by {Ranges}";
        if (LeastSquares) text += ", rounded by least squares";
        if (InFloat.Any()) text += $", {InFloat.Count()} nodes in float";
        return OnTiles.Count > 0 ? $"{text}, {OnTiles.Count} on tiles" : text;
    }
}

/// <summary>A model quantized by a recipe, its file, and what is to be said of it.</summary>
internal sealed record Int8Candidate(Int8Recipe Recipe, Model Model, byte[] Bytes, IReadOnlyList<Passes.PassEvent> Events, IReadOnlyList<(string Code, string Message)> Warnings)
{
    /// <summary>What sessions are opened from.</summary>
    public ModelImage Image { get; } = new(Model, Bytes);
}
