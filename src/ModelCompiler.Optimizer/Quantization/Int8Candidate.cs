using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;
using ModelCompiler.Optimizer.Compilation;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>One way to quantize a model: how ranges are chosen, and which nodes stay in floating point, by the name of their first output.</summary>
internal sealed record Int8Recipe(RangeMethod Ranges, IReadOnlySet<string> KeptInFloat)
{
    /// <summary>Everything on integers.</summary>
    public static Int8Recipe Of(RangeMethod ranges) => new(ranges, new HashSet<string>());

    /// <summary>The recipe as it was recorded; ranges that are not named are those of the first method.</summary>
    public static Int8Recipe Of(CompilationPlan plan) =>
        new(Enum.TryParse(plan.Choices.GetValueOrDefault("ranges"), out RangeMethod ranges) ? ranges : default, plan.LayersInFloat());

    /// <summary>The recipe to record.</summary>
    /// <param name="needed">What is in floating point because the answers need it; the rest is there because it is faster. All of it by default.</param>
    public CompilationPlan ToPlan(IReadOnlySet<string>? needed = null) => new()
    {
        Precision = Precision.Int8,
        Choices = new Dictionary<string, string> { ["ranges"] = Ranges.ToString() },
        Layers = KeptInFloat.Order(StringComparer.Ordinal).ToDictionary(name => name, name => (needed ?? KeptInFloat).Contains(name) ? CompilationPlan.Float : CompilationPlan.FloatForSpeed),
    };

    /// <inheritdoc/>
    public override string ToString() => KeptInFloat.Count == 0 ? $"ranges by {Ranges}" : $"ranges by {Ranges}, {KeptInFloat.Count} nodes in float";
}

/// <summary>A model quantized by a recipe, and its file.</summary>
internal sealed record Int8Candidate(Int8Recipe Recipe, Model Model, byte[] Bytes, IReadOnlyList<Passes.PassEvent> Events);
