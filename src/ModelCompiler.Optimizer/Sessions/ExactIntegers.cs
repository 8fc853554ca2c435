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
    /// <summary>Where an operator on integers has its weights.</summary>
    private static readonly Dictionary<(string OpType, string Domain), int[]> Weights = new()
    {
        [("Conv", "")] = [1],
        [("Gemm", "")] = [1],
        [("MatMul", "")] = [1],
        [("QLinearConv", "")] = [3],
        [("ConvInteger", "")] = [1],
        [("QLinearMatMul", "")] = [3],
        [("MatMulInteger", "")] = [1],
        [("DynamicQuantizeMatMul", Operators.Microsoft)] = [1],
        [("MatMulIntegerToFloat", Operators.Microsoft)] = [1],
        [("QGemm", Operators.Microsoft)] = [3],
        [("QAttention", Operators.Microsoft)] = [1],
        [("DynamicQuantizeLSTM", Operators.Microsoft)] = [1, 2],
    };

    /// <summary>Whether some sum of two products can saturate.</summary>
    /// <param name="model">A model in any form: QDQ, or with operators on integers.</param>
    public static bool AreNeeded(Model model) => model.Graph.AllNodes().Any(CanSaturate);

    /// <summary>Options for a session on the model on this machine.</summary>
    public static SessionOptions For(Model model, SessionOptions? options = null)
    {
        options ??= new SessionOptions();
        return NativeCpu.SaturatesPairs && AreNeeded(model) ? options with { ExactIntegers = true } : options;
    }

    private static bool CanSaturate(Node node) =>
        Weights.TryGetValue((node.OpType, node.Domain), out int[]? inputs) && inputs.Any(input => Integers(node, input) is { } integers && PairSaturation.CanSaturate(node, integers));

    /// <summary>Constant signed bytes, as they are or behind a DequantizeLinear.</summary>
    private static Tensor? Integers(Node node, int input)
    {
        Tensor? weights = node.Constant(input) ?? (node.Input(input)?.Producer is { } producer && producer.Is("DequantizeLinear") ? producer.Constant(0) : null);
        return weights is { ElementType: ElementType.Int8, Rank: >= 2 } ? weights : null;
    }
}
