using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Compilation;

/// <summary>Tables with NaN for what is missing, which the model fills in.</summary>
public sealed class MissingValuesTests : IDisposable
{
    private const int Columns = 256;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Int8)]
    [InlineData(Precision.Int8Dynamic)]
    [InlineData(Precision.Int4)]
    public void What_the_model_fills_in_may_be_missing(Precision precision)
    {
        CompileResult result = Compile(Network(fillsIn: true), precision);
        Assert.Equal(precision == Precision.Float32 ? 0 : 2, result.QuantizedNodes);
        Assert.InRange(result.Agreement!.Outputs[0].Cosine, 0.98, 1);
    }

    [Fact]
    public void What_makes_the_answers_nothing_is_named()
    {
        var error = Assert.Throws<CompilerException>(() => Compile(Network(fillsIn: false), Precision.Int8));
        Assert.Equal("OM2223", error.Code);
        Assert.Contains("holds NaN at [1, 7]", error.Message, StringComparison.Ordinal);
    }

    private CompileResult Compile(Model model, Precision precision)
    {
        float[] rows = TestTensors.Normal(5, 40, Columns).Floats();
        for (int i = 1; i < 40; i += 3) rows[i * Columns + 7 * i % Columns] = float.NaN;
        string path = _workspace.PathOf("table.npz");
        File.WriteAllBytes(path, NumpyFiles.Npz(("x", NumpyFiles.Npy<float>(rows, 40, Columns))));
        var options = new CompileOptions { Precision = precision, CalibrationPath = path, MeasureLatency = false, Plan = new CompilationPlan { Precision = precision } };
        return Compiler.Compile(model, options, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static Model Network(bool fillsIn)
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), Columns);
        if (fillsIn) x = b.Op("Where", b.Op("IsNaN", x), b.Scalar(0.5f), x);
        Value Product(int seed, Value from) => b.Op("MatMul", from, b.Constant([.. TestTensors.Normal(seed, Columns * Columns).Floats().Select(w => w / 16)], Columns, Columns));
        return b.Output("y", Product(2, b.Op("Relu", Product(1, x)))).Model;
    }
}
