using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Calibration;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>One way to quantize a model: how ranges are chosen, and which nodes stay in floating point, by the name of their first output.</summary>
internal sealed record Int8Recipe(RangeMethod Ranges, IReadOnlySet<string> KeptInFloat)
{
    /// <summary>Everything on integers.</summary>
    public static Int8Recipe Of(RangeMethod ranges) => new(ranges, new HashSet<string>());

    /// <inheritdoc/>
    public override string ToString() => KeptInFloat.Count == 0 ? $"ranges by {Ranges}" : $"ranges by {Ranges}, {KeptInFloat.Count} nodes in float";
}

/// <summary>A model quantized by a recipe, and its file.</summary>
internal sealed record Int8Candidate(Int8Recipe Recipe, Model Model, byte[] Bytes, IReadOnlyList<Passes.PassEvent> Events);
