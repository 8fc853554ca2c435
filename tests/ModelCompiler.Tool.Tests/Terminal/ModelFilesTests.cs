using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Sessions;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Terminal;

public sealed class ModelFilesTests : IDisposable
{
    private const int Size = 32;

    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Its sums would have to be exact, and without VNNI ONNX Runtime opens no exact session on it: two numbers are one once it has quantized them, which it renames twice.
    /// </summary>
    [Fact]
    public void What_opens_in_no_exact_session_is_opened_as_other_programs_do()
    {
        var b = new GraphBuilder();
        Value step = b.Scalar(0.02f), middle = b.Scalar((byte)128), zero = b.Scalar((sbyte)0);
        Value number = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Scalar(2.54f), step, zero), step, zero);
        Value weights = b.Constant(Tensor.Create<sbyte>([.. Enumerable.Repeat((sbyte)127, Size * Size)], [Size, Size]), "w");
        Value x = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Input("x", 1, Size), step, middle), step, middle);
        Value y = b.Op("DequantizeLinear", b.Op("QuantizeLinear", b.Op("MatMul", x, b.Op("DequantizeLinear", weights, step, b.Scalar((sbyte)0))), step, middle), step, middle);
        b.Output("y", b.Op("Div", b.Op("Mul", y, number), number));
        b.Model.InferTypes();
        Assert.True(ExactIntegers.AreNeeded(b.Model));
        string path = _folder.PathOf("quantized.onnx");
        OnnxWriter.Write(b.Model, path);

        Cli.Run("bench", path, "--runs", "1").Succeeds();
    }
}
