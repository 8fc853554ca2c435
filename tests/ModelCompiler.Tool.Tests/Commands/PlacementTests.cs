using System.Text.Json;
using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Tests.Support;
using ModelCompiler.Tests;
using ModelCompiler.Tool.Tests.Support;
using Xunit;

namespace ModelCompiler.Tool.Tests.Commands;

/// <summary>Where nodes run: by ONNX Runtime on a provider that is here, and by tables for one that is not.</summary>
public sealed class PlacementTests : IDisposable
{
    private readonly Workspace _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_provider_that_is_not_here_is_judged_by_its_table()
    {
        JsonElement placement = Inspect(WriteDeterminant(), "TensorRt");

        Assert.False(placement.GetProperty("isMeasured").GetBoolean());
        JsonElement unsupported = Assert.Single(placement.GetProperty("unsupported").EnumerateArray());
        Assert.Equal("Det", unsupported.GetProperty("operator").GetString());
        Assert.Contains("no kernel", unsupported.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("OM50", placement.GetProperty("unavailable").GetProperty("TensorRt").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_runs_on_the_cpu()
    {
        JsonElement placement = Inspect(_folder.WriteClassifier(), "Cpu");

        Assert.True(placement.GetProperty("isMeasured").GetBoolean());
        Assert.Equal(["CPUExecutionProvider"], placement.GetProperty("nodes").EnumerateObject().Select(node => node.Name));
    }

    [Fact]
    public void A_build_for_an_absent_provider_warns_of_nodes_that_it_will_not_take()
    {
        string model = WriteDeterminant();

        CliResult strict = Compile(model, "Cuda");
        CliResult shared = Compile(model, "Cuda;Cpu");

        JsonElement warning = Assert.Single(strict.Succeeds().Json.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal("OM5021", warning.GetProperty("code").GetString());
        Assert.Contains("Det ('Det_1')", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(shared.Succeeds().Json.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal("Det", shared.Json.GetProperty("placement").GetProperty("unsupported")[0].GetProperty("operator").GetString());
        Assert.Contains("Det_1", File.ReadAllText(shared.Json.GetProperty("report").GetString()!), StringComparison.Ordinal);
    }

    [Fact]
    public void Shape_computations_may_stay_on_the_cpu_and_are_named_in_the_manifest()
    {
        var b = new GraphBuilder();
        Value x = b.Input("x", Dim.Named("n"), 6);
        Value rows = b.Op("Gather", [b.Op("Shape", [x]), b.Constant([0L])]);
        b.Output("y", b.Op("Mul", [x, b.Op("Cast", [rows], new NodeAttribute("to", (long)ElementType.Float))]));
        foreach (Node node in b.Graph.Nodes) node.Name = "";

        CliResult result = Compile(_folder.Write("m.onnx", OnnxWriter.ToBytes(b.Model)), "Cuda").Succeeds();

        Assert.Empty(result.Json.GetProperty("diagnostics").EnumerateArray());
        JsonElement manifest = JsonDocument.Parse(File.ReadAllText(result.Json.GetProperty("manifest").GetString()!)).RootElement;
        Assert.Equal(
            result.Json.GetProperty("placement").GetProperty("shapeNodes").EnumerateArray().Select(name => name.GetString()),
            manifest.GetProperty("hostNodes").EnumerateArray().Select(name => name.GetString()));
        Assert.All(manifest.GetProperty("hostNodes").EnumerateArray(), name => Assert.StartsWith("sizes/", name.GetString(), StringComparison.Ordinal));
        Assert.Equal(3, manifest.GetProperty("hostNodes").GetArrayLength());
    }

    [Fact]
    public void Options_travel_to_the_manifest_of_each_provider_that_knows_them()
    {
        CliResult result = Cli.Run(
            "compile", _folder.WriteClassifier(), "-o", _folder.PathOf("out"), "--execution-provider", "TensorRt;Cuda;Cpu",
            "--provider-options", "device_id=1; trt_fp16_enable=true", "--json").Succeeds();

        JsonElement manifest = JsonDocument.Parse(File.ReadAllText(result.Json.GetProperty("manifest").GetString()!)).RootElement;
        Assert.Equal(["TensorRt", "Cuda", "Cpu"], manifest.GetProperty("executionProviders").EnumerateArray().Select(provider => provider.GetString()));
        Assert.Equal(
            ["TensorRt device_id 1", "TensorRt trt_fp16_enable 1", "Cuda device_id 1"],
            manifest.GetProperty("providerOptions").EnumerateArray().Select(option => $"{option.GetProperty("provider")} {option.GetProperty("name")} {option.GetProperty("value")}"));
    }

    [Fact]
    public void On_webgpu_the_runtime_itself_divides_and_a_build_that_could_not_start_fails()
    {
        UseSoftwareVulkan();
        string model = WriteDeterminant();

        JsonElement placement = Inspect(model, "WebGpu");
        Compile(model, "WebGpu").Refuses("OM5021", "Det 'Det_1'");
        CliResult shared = Compile(model, "WebGpu;Cpu").Succeeds();

        Assert.True(placement.GetProperty("isMeasured").GetBoolean());
        Assert.Equal("Det_1", Assert.Single(placement.GetProperty("onCpu").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(1, shared.Json.GetProperty("placement").GetProperty("nodes").GetProperty("CPUExecutionProvider").GetInt32());
    }

    [Fact]
    public void A_classifier_is_compiled_for_webgpu_and_stays_there()
    {
        UseSoftwareVulkan();

        CliResult result = Cli.Run(
            "compile", _folder.WriteClassifier(), "-o", _folder.PathOf("out"), "--execution-provider", "WebGpu", "--calibration", _folder.WriteSamples(), "--json").Succeeds();
        CliResult bench = Cli.Run("bench", result.Json.GetProperty("model").GetString()!, "--provider", "WebGpu", "--dim", "N=1", "--json").Succeeds();

        Assert.Equal(["WebGpuExecutionProvider"], result.Json.GetProperty("placement").GetProperty("nodes").EnumerateObject().Select(node => node.Name));
        JsonElement answers = result.Json.GetProperty("placement").GetProperty("answers");
        Assert.InRange(answers.GetProperty("outputs")[0].GetProperty("cosine").GetDouble(), 0.999999, 1.000001);
        Assert.Contains("Answers there, against the CPU", File.ReadAllText(result.Json.GetProperty("report").GetString()!), StringComparison.Ordinal);
        Assert.Empty(result.Json.GetProperty("diagnostics").EnumerateArray());
        Assert.True(bench.Json.GetProperty("models")[0].GetProperty("medianMs").GetDouble() > 0);
    }

    [Theory]
    [InlineData("TensorRt")]
    [InlineData("OpenVino")]
    [InlineData("Qnn")]
    public void Int8_is_laid_out_for_a_provider_that_is_not_here_and_says_what_was_not_measured(string provider)
    {
        CliResult result = Cli.Run(
            "compile", _folder.WriteClassifier(), "-o", _folder.PathOf("out"), "--execution-provider", provider + ";Cpu", "--precision", "Int8",
            "--calibration", _folder.WriteSamples(), "--dimensions", "N=1", "--json").Succeeds();

        Assert.Contains($"laid out for {provider}", Assert.Single(result.Json.GetProperty("diagnostics").EnumerateArray()).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True(result.Json.GetProperty("nodes").GetProperty("quantized").GetInt32() > 0);
        Assert.Equal(0, result.Json.GetProperty("nodes").GetProperty("float").GetInt32());
        Assert.Equal(JsonValueKind.Null, result.Json.GetProperty("latencyRatio").ValueKind);
        Assert.InRange(result.Json.GetProperty("agreement").GetProperty("outputs")[0].GetProperty("cosine").GetDouble(), 0.99, 1);
    }

    [Theory]
    [InlineData("Cuda", "no kernels for products of 8-bit integers")]
    [InlineData("CoreMl", "it computes in float16")]
    public void Int8_for_a_provider_without_it_is_refused_with_the_reason(string provider, string reason) => Cli.Run(
        "compile", _folder.WriteClassifier(), "-o", _folder.PathOf("out"), "--execution-provider", provider, "--precision", "Int8", "--calibration", _folder.WriteSamples())
        .Refuses("OM2332", reason);

    [Fact]
    public void Without_an_adapter_webgpu_is_refused_with_what_to_install()
    {
        Assert.SkipWhen(SoftwareVulkan.Unavailable is not null, SoftwareVulkan.Unavailable ?? "");
        string tool = typeof(Program).Assembly.Location;

        var (exitCode, output) = DotNet.Run(_folder.Folder, SoftwareVulkan.VariablesWithoutDriver, DotNet.Host, tool, "bench", _folder.WriteClassifier(), "--provider", "WebGpu", "--dim", "N=1");

        Assert.True(exitCode == 1, output);
        Assert.Contains("error OM5013: The execution provider WebGpu cannot be used: Failed to get a WebGPU adapter", output, StringComparison.Ordinal);
        Assert.Contains("Install a GPU driver", output, StringComparison.Ordinal);
    }

    private static void UseSoftwareVulkan()
    {
        Assert.SkipWhen(SoftwareVulkan.Unavailable is not null, SoftwareVulkan.Unavailable ?? "");
        SoftwareVulkan.Use();
    }

    private static JsonElement Inspect(string model, string providers) =>
        Cli.Run("inspect", model, "--placement", "--execution-provider", providers, "--json").Succeeds().Json.GetProperty("placement");

    private CliResult Compile(string model, string providers) =>
        Cli.Run("compile", model, "-o", _folder.PathOf("out"), "--execution-provider", providers, "--json");

    private string WriteDeterminant()
    {
        var b = new GraphBuilder();
        b.Output("y", b.Op("Det", [b.Op("Tanh", [b.Input("x", 2, 2)])]), new TensorType(ElementType.Float, Shape.Of()));
        return _folder.Write("det.onnx", OnnxWriter.ToBytes(b.Model));
    }
}
