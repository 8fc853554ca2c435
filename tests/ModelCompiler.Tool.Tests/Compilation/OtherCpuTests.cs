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

    [Fact]
    public void A_portable_model_has_the_same_accuracy_without_VNNI()
    {
        string? qemu = Qemu();
        Assert.SkipWhen(qemu is null, "qemu-x86_64 is not there: build/qemu.sh fetches it on Debian.");
        // Inputs at the top of their range and weights of one sign: the worst for 16 bits.
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), 64);
        Value h = b.Op("Relu", b.Op("Gemm", x, b.Constant(Positive(1, 64 * 32), 64, 32), b.Constant(Positive(2, 32), 32)));
        b.Output("y", b.Op("Gemm", h, b.Weights(3, 32, 10), b.Weights(4, 10)));
        b.Model.InferTypes();
        string source = _folder.Write("source.onnx", OnnxWriter.ToBytes(b.Model));
        string data = _folder.Write("data.npz", NumpyFiles.Npz(("x", NumpyFiles.Npy<float>([.. Positive(5, Samples * 64).Select(v => 1 - v / 8)], Samples, 64))));
        CompileResult result = Compiler.Compile(b.Model, new CompileOptions { Precision = Precision.Int8, CalibrationPath = data, MeasureLatency = false }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((2, 0), (result.QuantizedNodes, result.FloatNodes));
        string compiled = _folder.Write("compiled.onnx", OnnxWriter.ToBytes(result.Model));

        JsonElement here = Cli.Run("compare", source, compiled, "--data", data, "--json").Succeeds().Json;
        JsonElement there = Compare(qemu!, source, compiled, data);

        Assert.Equal(Figure(here, "cosine"), Figure(there, "cosine"), 1e-4);
        Assert.Equal(Figure(here, "top1Agreement"), Figure(there, "top1Agreement"), 1e-3);
    }

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
