using System.Text.Json;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

public class DoctorCommandTests
{
    [Fact]
    public void Tells_of_the_library_the_machine_and_each_provider()
    {
        JsonElement report = Cli.Run("doctor", "--json").Succeeds().Json;

        Assert.Equal(OrtEnvironment.Version, report.GetProperty("onnxRuntime").GetProperty("version").GetString());
        Assert.Equal(OrtEnvironment.LibraryPath, report.GetProperty("onnxRuntime").GetProperty("path").GetString());
        Assert.Equal(Environment.ProcessorCount, report.GetProperty("cpu").GetProperty("cores").GetInt32());
        Assert.True(report.GetProperty("memoryBytes").GetInt64() > 1 << 28);
        JsonElement[] providers = [.. report.GetProperty("providers").EnumerateArray()];
        Assert.Equal(Enum.GetValues<ExecutionProvider>().Length, providers.Length);
        Assert.Equal(JsonValueKind.Null, Provider("Cpu").GetProperty("problem").ValueKind);
        Assert.False(Provider("OpenVino").GetProperty("isInLibrary").GetBoolean());
        Assert.Contains("Intel.ML.OnnxRuntime.OpenVino", Provider("OpenVino").GetProperty("problem").GetString(), StringComparison.Ordinal);

        JsonElement Provider(string name) => providers.Single(provider => provider.GetProperty("provider").GetString() == name);
    }

    [Fact]
    public void Prints_a_line_for_each_provider_to_people()
    {
        string text = Cli.Run("doctor").Succeeds().Output;

        Assert.Contains("ONNX Runtime", text, StringComparison.Ordinal);
        Assert.All(Enum.GetNames<ExecutionProvider>(), name => Assert.Contains($"  {name} ", text, StringComparison.Ordinal));
        Assert.Contains("nothing is missing", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_processor_of_an_x64_machine_has_instructions()
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx2.IsSupported, "This processor has no AVX2.");

        string[] features = [.. Cli.Run("doctor", "--json").Json.GetProperty("cpu").GetProperty("features").EnumerateArray().Select(feature => feature.GetString()!)];

        Assert.Contains("AVX2", features);
        string flags = OperatingSystem.IsLinux() ? File.ReadAllText("/proc/cpuinfo") : "";
        foreach (string name in (string[])["AVX512_VNNI", "AVX_VNNI", "AMX_INT8"])
            Assert.Equal(flags.Contains($" {name.ToLowerInvariant()}", StringComparison.Ordinal), features.Contains(name));
    }
}
