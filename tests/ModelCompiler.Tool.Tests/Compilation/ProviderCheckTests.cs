using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Measurement;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Runtime;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Compilation;
using Xunit;

namespace ModelCompiler.Tool.Tests.Compilation;

/// <summary>The CPU that the answers of a provider are compared with.</summary>
public sealed class ProviderCheckTests : IDisposable
{
    private const int Depth = 64, Columns = 48;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    /// <summary>The model in floating point stands for a provider that is right. Without VNNI, a CPU that saturates would give half; with VNNI this holds anyway.</summary>
    [Theory]
    [InlineData(ElementType.Float)]
    [InlineData(ElementType.BFloat16)]
    public void Is_exact_where_its_sums_of_bytes_would_saturate(ElementType result)
    {
        Model onIntegers = Product(b => b.Op("DequantizeLinear", b.Constant(Tensor.Create<sbyte>([.. Enumerable.Repeat((sbyte)127, Depth * Columns)], Depth, Columns)), b.Scalar(1f)), result);
        Model provider = Product(b => b.Constant([.. Enumerable.Repeat(127f, Depth * Columns)], Depth, Columns), ElementType.Float);
        string path = _workspace.PathOf("model.onnx");
        OnnxWriter.Write(onIntegers, path);

        using InferenceSession onCpu = ProviderCheck.OpenOnCpu(OnnxReader.Read(path), path), onProvider = InferenceSession.Open(OnnxWriter.ToBytes(provider));
        Agreement agreement = ProviderComparison.Run(onCpu, onProvider, samples: null, TestContext.Current.CancellationToken)!;

        // What bfloat16 rounds away is 2⁻⁹ of each number.
        Assert.InRange(agreement.Outputs[0].SqnrDb, 50, double.PositiveInfinity);
    }

    /// <summary>x · w, of bytes at the upper end of what they can be.</summary>
    private static Model Product(Func<GraphBuilder, Value> weights, ElementType result)
    {
        var b = new GraphBuilder();
        Value bytes = b.Op("Add", b.Op("Div", b.Input("x", ElementType.UInt8, 4, Depth), b.Scalar((byte)16)), b.Scalar((byte)240));
        Value y = b.Op("MatMul", b.Op("DequantizeLinear", bytes, b.Scalar(1f)), weights(b));
        if (result != ElementType.Float) y = b.Op("Add", b.Op("Cast", [y], new NodeAttribute("to", (long)result)), b.Op("Cast", [b.Scalar(1f)], new NodeAttribute("to", (long)result)));
        Model model = b.Output("y", y, new TensorType(result, new Shape(4, Columns))).Model;
        model.InferTypes();
        return model;
    }
}
