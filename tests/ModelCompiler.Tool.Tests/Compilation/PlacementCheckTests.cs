using ModelCompiler.Onnx;
using ModelCompiler.Optimizer.Compilation;
using ModelCompiler.Runtime;
using ModelCompiler.Tool.Compilation;
using ModelCompiler.Tool.Inspection;
using ModelCompiler.Tool.Settings;
using Xunit;

namespace ModelCompiler.Tool.Tests.Compilation;

/// <summary>What a build makes of answers that a device gives otherwise than the CPU.</summary>
public class PlacementCheckTests
{
    private static readonly ItemSettings Settings = new() { ExecutionProviders = [ExecutionProvider.WebGpu, ExecutionProvider.Cpu] };

    [Theory]
    [InlineData(0.9999, 0.01)]
    [InlineData(0.0, 1e-9)]
    public void Rounding_is_nothing_to_tell(double cosine, double maxAbs) => Assert.Empty(PlacementCheck.Check(Settings, Report(cosine, maxAbs, isMadeUp: false)));

    [Theory]
    [InlineData(0.5)]
    [InlineData(double.NaN)]
    public void Other_answers_on_samples_fail_the_build_and_on_random_inputs_are_a_warning(double cosine)
    {
        var error = Assert.Throws<CompilerException>(() => PlacementCheck.Check(Settings, Report(cosine, 3, isMadeUp: false)));
        (string Code, string Message) warning = Assert.Single(PlacementCheck.Check(Settings, Report(cosine, 3, isMadeUp: true)));

        Assert.Equal(("OM5023", "OM5023"), (error.Code, warning.Code));
        Assert.Contains("On WebGpuExecutionProvider the output 'y'", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, warning.Message);
    }

    [Fact]
    public void Why_nothing_was_compared_is_told()
    {
        PlacementReport report = Report(1, 0, isMadeUp: false) with { Answers = null, AnswersMissing = "the device has no half precision." };

        (string Code, string Message) warning = Assert.Single(PlacementCheck.Check(Settings, report));
        Assert.Equal("OM5024", warning.Code);
        Assert.Contains("the device has no half precision.", warning.Message, StringComparison.Ordinal);
    }

    private static PlacementReport Report(double cosine, double maxAbs, bool isMadeUp) => new()
    {
        ExecutionProviders = Settings.ExecutionProviders,
        IsMeasured = true,
        Unavailable = new Dictionary<ExecutionProvider, string>(),
        Nodes = new Dictionary<string, int> { ["WebGpuExecutionProvider"] = 3 },
        OnCpu = [],
        Unsupported = [],
        GraphNodes = 3,
        ShapeNodes = [],
        Answers = new Agreement(8, [new OutputAgreement("x", 1, 100, 0, null), new OutputAgreement("y", cosine, 0, maxAbs, null)], isMadeUp),
    };
}
