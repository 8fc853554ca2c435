using System.Diagnostics;
using System.Text.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Compilation;

/// <summary>A compiled model on a CPU without VNNI (Haswell, by QEMU), where products of bytes are added in 16 bits and saturate.</summary>
public sealed class OtherCpuTests : IDisposable
{
    private const int Samples = 200;

    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_portable_model_has_the_same_accuracy_without_VNNI(bool isConvolutional)
    {
        string? qemu = Qemu();
        Assert.SkipWhen(qemu is null, "qemu-x86_64 is not there: build/qemu.sh fetches it on Debian.");
        // Inputs at the top of their range and weights of one sign: the worst for 16 bits.
        Model model = isConvolutional ? Convolutions() : Products();
        long[] dims = isConvolutional ? [Samples, 3, 6, 6] : [Samples, 64];
        string source = _folder.Write("source.onnx", OnnxWriter.ToBytes(model));
        string data = _folder.Write("data.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>([.. Positive(5, (int)TensorLength(dims)).Select(v => 1 - v / 8)], dims))));
        CompileResult result = Compiler.Compile(model, new CompileOptions { Precision = Precision.Int8, CalibrationPath = data, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((isConvolutional ? 4 : 2, 0), (result.QuantizedNodes, result.FloatNodes));
        string compiled = _folder.Write("compiled.onnx", OnnxWriter.ToBytes(result.Model));

        JsonElement here = Cli.Run("compare", source, compiled, "--data", data, "--json").Succeeds().Json;
        JsonElement there = Compare(qemu!, source, compiled, data);

        Assert.Equal(Figure(here, "cosine"), Figure(there, "cosine"), 1e-4);
        Assert.Equal(Figure(here, "top1Agreement"), Figure(there, "top1Agreement"), 1e-3);
    }

    [Fact]
    public void A_model_that_came_with_weights_of_all_their_bits_answers_alike_without_VNNI()
    {
        string? qemu = Qemu();
        Assert.SkipWhen(qemu is null, "qemu-x86_64 is not there: build/qemu.sh fetches it on Debian.");
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), 64), w = b.Constant(Positive(1, 64 * 32), 64, 32);
        string source = _folder.Write("source.onnx", OnnxWriter.ToBytes(b.Output("y", b.Op("MatMul", x, w)).Model));
        string data = _folder.Write("data.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>([.. Positive(5, Samples * 64).Select(v => 1 - v / 8)], [Samples, 64]))));
        // As quantization-aware training leaves them: the largest weight is 127.
        var given = new GraphBuilder();
        Value Bytes(Value value, float scale) => given.Op("DequantizeLinear", given.Op("QuantizeLinear", value, given.Scalar(scale), given.Scalar((byte)0)), given.Scalar(scale), given.Scalar((byte)0));
        float[] weights = Positive(1, 64 * 32);
        float step = weights.Max() / 127;
        Value integers = given.Op("DequantizeLinear", given.Constant(Array.ConvertAll(weights, v => (sbyte)MathF.Round(v / step)), 64, 32), given.Scalar(step), given.Scalar((sbyte)0));
        Model quantized = given.Output("y", given.Op("MatMul", Bytes(given.Input("x", Dim.Named("n"), 64), 1f / 255), integers)).Model;
        quantized.InferTypes();
        CompileResult result = Compiler.Compile(quantized, new CompileOptions { Precision = Precision.Int8, CalibrationPath = data, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        string compiled = _folder.Write("compiled.onnx", OnnxWriter.ToBytes(result.Model));

        double here = Figure(Cli.Run("compare", source, compiled, "--data", data, "--json").Succeeds().Json, "sqnrDb"), there = Figure(Compare(qemu!, source, compiled, data), "sqnrDb");

        Assert.InRange(here, 30, 100);
        Assert.Equal(here, there, 0.1);
    }

    private static Model Products()
    {
        var b = new GraphBuilder();
        Value h = b.Op("Relu", b.Op("Gemm", b.Input("x", Dim.Named("n"), 64), b.Constant(Positive(1, 64 * 32), 64, 32), b.Constant(Positive(2, 32), 32)));
        b.Output("y", b.Op("Gemm", h, b.Weights(3, 32, 10), b.Weights(4, 10)));
        b.Model.InferTypes();
        return b.Model;
    }

    /// <summary>Numbers of channels that are filled with zeros: 3 become 4, 24 become 32.</summary>
    private static Model Convolutions()
    {
        var b = new GraphBuilder();
        Value h = b.Op("Relu", b.Op("Conv", b.Input("x", Dim.Named("n"), 3, 6, 6), b.Constant(Positive(1, 24 * 27), 24, 3, 3, 3)));
        h = b.Op("Relu", b.Op("Conv", [h, b.Constant(Positive(2, 24 * 4), 24, 1, 2, 2)], new NodeAttribute("group", 24L)));
        h = b.Op("Conv", h, b.Constant(Positive(3, 32 * 24), 32, 24, 1, 1));
        b.Output("y", b.Op("Gemm", b.Op("Flatten", b.Op("GlobalAveragePool", h)), b.Weights(4, 32, 10), b.Weights(5, 10)));
        b.Model.InferTypes();
        return b.Model;
    }

    private static long TensorLength(long[] dims) => dims.Aggregate(1L, (product, dim) => product * dim);

    private static double Figure(JsonElement comparison, string name) => comparison.GetProperty("outputs")[0].GetProperty(name).GetDouble();

    private static float[] Positive(int seed, int count) => [.. TestTensors.Normal(seed, count).Floats().Select(MathF.Abs)];

    private static JsonElement Compare(string qemu, string source, string compiled, string data)
    {
        string modelc = Path.Combine(AppContext.BaseDirectory, "modelc.dll");
        var start = new ProcessStartInfo(qemu, ["-cpu", "Haswell", DotNet.Host, modelc, "compare", source, compiled, "--data", data, "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the emulated CPU lacks is told once per thread; compiling in tiers would compile most things twice.
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return JsonDocument.Parse(output).RootElement;
    }

    private static string? Qemu()
    {
        if (!OperatingSystem.IsLinux()) return null;
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), Path.Combine(PublicModels.RepositoryRoot, "artifacts", "qemu", "usr", "bin")];
        return folders.Select(folder => Path.Combine(folder, "qemu-x86_64")).FirstOrDefault(File.Exists);
    }
}
