using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Quantization;

/// <summary>The graph that ONNX Runtime really runs: the operators, by name, after its own fusions.</summary>
public sealed class FusedGraph
{
    private static readonly HashSet<string> IntegerProducts = ["QLinearConv", "QGemm", "QLinearMatMul", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "MatMulInteger", "ConvInteger", "MatMulNBits", "QAttention", "DynamicQuantizeLSTM"];
    private static readonly HashSet<string> FloatProducts = ["Conv", "FusedConv", "NhwcFusedConv", "ConvTranspose", "Gemm", "FusedGemm", "MatMul", "FusedMatMul", "TransposeMatMul", "Attention", "MultiHeadAttention", "LSTM", "GRU", "RNN"];

    private FusedGraph(SortedDictionary<string, int> operators) => Operators = operators;

    /// <summary>How many nodes of each operator there are, subgraphs included.</summary>
    public IReadOnlyDictionary<string, int> Operators { get; }

    /// <summary>Convolutions and products on integers.</summary>
    public int IntegerProductCount => Count(IntegerProducts);

    /// <summary>Convolutions and products in floating point.</summary>
    public int FloatProductCount => Count(FloatProducts);

    /// <summary>Conversions between integers and floating point that are left.</summary>
    public int ConversionCount => Operators.GetValueOrDefault("QuantizeLinear") + Operators.GetValueOrDefault("DequantizeLinear");

    /// <summary>Loads a model and reads back what ONNX Runtime made of it, before the memory layout of a particular CPU is baked in.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model.</exception>
    public static FusedGraph Of(ReadOnlyMemory<byte> model) => Read(options => InferenceSession.Open(model, options));

    /// <summary>The same of a model that lies in a file where it is large.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the model.</exception>
    internal static FusedGraph OfImage(ModelImage image) => Read(image.OpenStructure);

    private static FusedGraph Read(Func<SessionOptions, InferenceSession> open)
    {
        using var folder = new ScratchFolder();
        string path = folder.PathOf("fused.onnx");
        // Nothing runs: weights are neither laid out for kernels nor copied into the file that is read back.
        var entries = new Dictionary<string, string> { ["session.disable_prepacking"] = "1", ["session.optimized_model_external_initializers_file_name"] = "weights" };
        open(new SessionOptions { OptimizedModelPath = path, GraphOptimization = GraphOptimization.Extended, ConfigEntries = entries }).Dispose();
        var operators = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (Node node in OnnxReader.Read(path).Graph.AllNodes()) operators[node.OpType] = operators.GetValueOrDefault(node.OpType) + 1;
        return new FusedGraph(operators);
    }

    /// <summary>What a product of the fused graph computes with; null for operators that are no products.</summary>
    public static string? ComputesWith(string operatorName) => IsOnIntegers(operatorName) ? "integers" : FloatProducts.Contains(operatorName) ? "floating point" : null;

    /// <summary>Whether an operator is a product that computes with integers.</summary>
    public static bool IsOnIntegers(string operatorName) => IntegerProducts.Contains(operatorName);

    private int Count(HashSet<string> names) => Operators.Where(o => names.Contains(o.Key)).Sum(o => o.Value);
}
