using ModelCompiler.Optimizer.Quantization.Placement;
using Xunit;

namespace ModelCompiler.Optimizer.Tests.Quantization.Placement;

public class TileChoiceTests
{
    private static readonly Dictionary<string, string> Convolutions = new() { ["a"] = "Conv_0", ["b"] = "Conv_1", ["c"] = "Conv_2", ["d"] = "Conv_3" };

    [Fact]
    public void Only_what_gains_noticeably_and_was_measured_twice_is_chosen()
    {
        var without = new Dictionary<string, double> { ["Conv_0"] = 100, ["Conv_1"] = 100, ["Conv_2"] = 100, ["Conv_3"] = 100 };
        var with = new Dictionary<string, double> { ["Conv_0"] = 50, ["Conv_1"] = 97, ["Conv_2"] = 180 };
        Assert.Equal(["a"], TileChoice.Faster(Convolutions, without, with));
    }
}
