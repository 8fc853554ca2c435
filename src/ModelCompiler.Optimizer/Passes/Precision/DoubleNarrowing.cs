using System.Collections.Frozen;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Precision;

/// <summary>
/// Computes in float32 what a model computes in float64, so that there is something to quantize. Inputs and outputs of the model keep their types. Constants
/// beyond the range of float32 become its largest numbers, not infinite: a mask of −10³⁰⁸ times zero is still zero. Whoever applies it measures what it loses.
/// </summary>
/// <param name="kernelsMissing">Whether only models are narrowed that ONNX Runtime's CPU provider has not all kernels for: those run nowhere as they came.</param>
public sealed class DoubleNarrowing(bool kernelsMissing = false) : IPass
{
    /// <summary>What the pass is called.</summary>
    public const string PassName = "double-narrowing";

    /// <summary>Operators that ONNX Runtime 1.30's CPU provider computes in float32 and not in float64; its recurrent ones say so at the first run.</summary>
    private static readonly FrozenSet<string> FloatKernels = new[]
    {
        "Acos", "Asin", "Atan", "AveragePool", "Conv", "ConvTranspose", "Cosh", "Erf", "GRU", "Gelu", "GlobalAveragePool", "GlobalMaxPool", "GridSample", "Hardmax",
        "InstanceNormalization", "LRN", "LSTM", "LpPool", "Mean", "NonZero", "OneHot", "RNN", "Resize", "Sinh", "Tan",
    }.ToFrozenSet();

    /// <summary>Operators that name their element type in an attribute, or hold values that are no tensors.</summary>
    private static readonly FrozenSet<string> DoubleOperators = new[]
    {
        "Constant", "EyeLike", "Bernoulli", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "MelWeightMatrix", "HannWindow", "HammingWindow",
        "BlackmanWindow", "SequenceConstruct", "SequenceAt", "SequenceInsert", "SequenceEmpty", "SequenceErase", "ConcatFromSequence", "SplitToSequence", "SequenceMap",
        "Optional", "OptionalGetElement", "OptionalHasElement",
    }.ToFrozenSet();

    /// <inheritdoc/>
    public string Name => kernelsMissing ? "double-kernels" : PassName;

    /// <summary>Whether a node of the model does more in float64 than to read or to hand on. Types are inferred where that can be.</summary>
    public static bool IsNeeded(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.InferTypes();
        return model.Graph.AllNodes().Any(node => !node.Is("Cast") && !StaysDouble(node) && HasDouble(node));
    }

    /// <inheritdoc/>
    public void Apply(PassContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if ((kernelsMissing && !MayMissKernels(context.Graph)) || !IsNeeded(context.Model)) return;
        if (kernelsMissing && !context.Graph.AllNodes().Any(node => FloatKernels.Contains(node.OpType) && HasDouble(node))) return;
        Graph main = context.Graph;
        if (NarrowGraph.Unknown(main) is { } unknown)
        {
            context.Refused(unknown.Name, "its type is not known, so that the model stays in float64");
            return;
        }
        new NarrowGraph(main, ElementType.Double, ElementType.Float, "_single")
        {
            StaysWide = StaysDouble,
            WantsWide = use => StaysDouble(use.Node),
            Constant = Rounded,
            Rounded = Rounded,
        }.Convert();
        context.Model.InferTypes();
        context.Changed(main.Name, "computed in float32 instead of float64");
    }

    /// <summary>Trees and tables of other domains compare with thresholds that are to stay as they are.</summary>
    private static bool StaysDouble(Node node) => node.Domain.Length > 0 || DoubleOperators.Contains(node.OpType);

    /// <summary>Asked before types are known, which a model that is invalid has not.</summary>
    private static bool MayMissKernels(Graph main) => main.AllNodes().Any(node => FloatKernels.Contains(node.OpType))
        && (main.AllGraphs().Any(graph => graph.Inputs.Concat(graph.Initializers).Any(value => value.ElementType == ElementType.Double))
            || main.AllNodes().Any(node => node.Is("Cast") && node.Attributes.GetInt("to", 0) == (long)ElementType.Double));

    private static bool HasDouble(Node node) => node.Inputs.ToArray().Concat(node.Outputs.ToArray()).Any(value => value?.ElementType == ElementType.Double);

    private static Tensor Rounded(Tensor tensor)
    {
        float[] values = Array.ConvertAll(tensor.AsSpan<double>().ToArray(), value => double.IsFinite(value) ? (float)Math.Clamp(value, float.MinValue, float.MaxValue) : (float)value);
        return Tensor.Create<float>(values, tensor.Dims);
    }
}
