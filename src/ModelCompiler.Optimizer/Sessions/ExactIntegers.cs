using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Passes.Fusion;
using ModelCompiler.Optimizer.Quantization;
using ModelCompiler.Optimizer.Targets;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Sessions;

/// <summary>
/// Models whose products of bytes may saturate on x64 without VNNI (<see cref="PairSaturation"/>): those that came quantized, and what is laid out for
/// processors that cannot. Their sessions ask for exact ones (<see cref="SessionOptions.ExactIntegers"/>), so that they answer alike everywhere.
/// </summary>
public static class ExactIntegers
{
    /// <summary>Where an operator on integers has its weights, and their zero points; one whose weights come out of a DequantizeLinear has the zero point there.</summary>
    private static readonly Dictionary<(string OpType, string Domain), (int Weights, int ZeroPoint)[]> Places = new()
    {
        [("Conv", "")] = [(1, -1)],
        [("Gemm", "")] = [(1, -1)],
        [("MatMul", "")] = [(1, -1)],
        [("QLinearConv", "")] = [(3, 5)],
        [("ConvInteger", "")] = [(1, 3)],
        [("QLinearMatMul", "")] = [(3, 5)],
        [("MatMulInteger", "")] = [(1, 3)],
        [("DynamicQuantizeMatMul", Operators.Microsoft)] = [(1, 3)],
        [("MatMulIntegerToFloat", Operators.Microsoft)] = [(1, 5)],
        [("QGemm", Operators.Microsoft)] = [(3, 5)],
        [("QAttention", Operators.Microsoft)] = [(1, 7)],
        [("DynamicQuantizeLSTM", Operators.Microsoft)] = [(1, 9), (2, 11)],
    };

    /// <summary>Whether some sum of two products can saturate, and a session that asks for exact ones opens and runs.</summary>
    /// <param name="model">A model in any form: QDQ, or with operators on integers.</param>
    public static bool AreNeeded(Model model) => MayBeNeeded(model) && !AreShared(model) && !model.Graph.AllNodes().Any(LacksZeroPoints);

    /// <summary>Whether it is needed once <see cref="Passes.Quantization.OwnIntegers"/> has divided what products share.</summary>
    internal static bool MayBeNeeded(Model model) => model.Graph.AllNodes().Any(CanSaturate) && !model.Graph.AllNodes().Any(LosesItsKernel);

    private static bool AreShared(Model model)
    {
        var taken = new HashSet<Value>();
        return model.Graph.AllNodes().Any(node => (IsDequantizedConstant(node) && node.Output.Uses.Count > 1) || IntegersOf(node).Any(input => !taken.Add(node.Input(input)!)));
    }

    /// <summary>
    /// What ONNX Runtime makes unsigned where exact sums are asked for: the signed weights that a node reads, be it a product of them or the DequantizeLinear
    /// of any constant, and their zero point; by their input.
    /// </summary>
    public static IEnumerable<int> IntegersOf(Node node) =>
        (IsDequantizedConstant(node) ? [(0, 2)] : Of(node).Where(place => IsWeights(node.Constant(place.Weights))))
        .SelectMany(place => (int[])[place.Weights, place.ZeroPoint])
        .Where(input => input >= 0 && node.Constant(input) is not null);

    /// <summary>Whether a node dequantizes constant signed bytes.</summary>
    public static bool IsDequantizedConstant(Node node) => node.Is("DequantizeLinear") && node.Constant(0)?.ElementType == ElementType.Int8;

    /// <summary>Whether a node dequantizes constant signed bytes with a scale for each channel and no zero points: ONNX Runtime makes one up for all, and the run fails.</summary>
    internal static bool LacksZeroPoints(Node node) => IsDequantizedConstant(node) && node.Input(2) is null && node.Constant(1) is { Rank: > 0 };

    private static (int Weights, int ZeroPoint)[] Of(Node node) => Places.GetValueOrDefault((node.OpType, node.Domain)) ?? [];

    /// <summary>Options for a session on the model on this machine.</summary>
    public static SessionOptions For(Model model, SessionOptions? options = null)
    {
        options ??= new SessionOptions();
        return NativeCpu.SaturatesPairs && AreNeeded(model) ? options with { ExactIntegers = true } : options;
    }

    /// <summary>
    /// ONNX Runtime makes weights unsigned where exact sums are asked for, and has no QGemm of signed activations by unsigned weights: the session would not open.
    /// </summary>
    private static bool LosesItsKernel(Node node) => node.Is("QGemm", Operators.Microsoft) && HasSignedActivations(node) && Integers(node, 3) is not null;

    /// <summary>Products of signed by signed bytes never go through VPMADDUBSW. (Behind a DequantizeLinear, ONNX Runtime makes activations unsigned.)</summary>
    private static bool HasSignedActivations(Node node)
    {
        int zeroPoint = node.OpType is "ConvInteger" or "MatMulInteger" or "QLinearConv" or "QLinearMatMul" or "QGemm" ? 2 : -1;
        return zeroPoint > 0 && (node.Constant(zeroPoint)?.ElementType ?? node.Input(0)?.ElementType) == ElementType.Int8;
    }

    private static bool CanSaturate(Node node) =>
        !HasSignedActivations(node) && Of(node).Any(place => Integers(node, place.Weights) is { } integers && PairSaturation.CanSaturate(node, integers));

    /// <summary>Constant signed bytes, as they are or behind a DequantizeLinear.</summary>
    private static Tensor? Integers(Node node, int input)
    {
        Tensor? weights = node.Constant(input) ?? (node.Input(input)?.Producer is { } producer && producer.Is("DequantizeLinear") ? producer.Constant(0) : null);
        return IsWeights(weights) ? weights : null;
    }

    private static bool IsWeights(Tensor? tensor) => tensor is { ElementType: ElementType.Int8, Rank: >= 2 };
}
