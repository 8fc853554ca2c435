using System.Globalization;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Compilation;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>One way to quantize a model; nodes are named by their first output.</summary>
/// <param name="Ranges">How ranges are chosen.</param>
/// <param name="KeptInFloat">What stays in floating point because the answers need it.</param>
internal sealed record Int8Recipe(RangeMethod Ranges, IReadOnlySet<string> KeptInFloat)
{
    /// <summary>The word in a plan for what is faster in floating point.</summary>
    private const string Faster = "faster-in-float";

    private const string RangesChoice = "ranges", EqualizationChoice = "equalization";

    /// <summary>What stays in floating point because it is faster so.</summary>
    public IReadOnlySet<string> FasterInFloat { get; init; } = new HashSet<string>();

    /// <summary>How far the channels of activations were evened out before, from 0 to 1.</summary>
    public double Equalization { get; init; }

    /// <summary>Everything that stays in floating point.</summary>
    public IEnumerable<string> InFloat => KeptInFloat.Union(FasterInFloat);

    /// <summary>The recipe as it was recorded; ranges that are not named are those of the first method.</summary>
    public static Int8Recipe Of(CompilationPlan plan) =>
        new(Enum.TryParse(plan.Choices.GetValueOrDefault(RangesChoice), out RangeMethod ranges) ? ranges : default, plan.LayersWith(CompilationPlan.Float))
        {
            FasterInFloat = plan.LayersWith(Faster),
            Equalization = double.TryParse(plan.Choices.GetValueOrDefault(EqualizationChoice), CultureInfo.InvariantCulture, out double strength) ? strength : 0,
        };

    /// <summary>The recipe to record.</summary>
    public CompilationPlan ToPlan()
    {
        var choices = new Dictionary<string, string> { [RangesChoice] = Ranges.ToString() };
        if (Equalization > 0) choices.Add(EqualizationChoice, Equalization.ToString(CultureInfo.InvariantCulture));
        return new CompilationPlan
        {
            Precision = Precision.Int8,
            Choices = choices,
            Layers = InFloat.Order(StringComparer.Ordinal).ToDictionary(name => name, name => KeptInFloat.Contains(name) ? CompilationPlan.Float : Faster),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => InFloat.Any() ? $"ranges by {Ranges}, {InFloat.Count()} nodes in float" : $"ranges by {Ranges}";
}

/// <summary>A model quantized by a recipe, and its file.</summary>
internal sealed record Int8Candidate(Int8Recipe Recipe, Model Model, byte[] Bytes, IReadOnlyList<Passes.PassEvent> Events);
