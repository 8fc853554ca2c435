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
        Assert.Equal(["a"], TileChoice.Faster(Convolutions, [without], [with]));
    }

    [Fact]
    public void A_time_at_which_the_machine_was_slow_does_not_decide()
    {
        Dictionary<string, double> quiet = new() { ["Conv_0"] = 100 }, disturbed = new() { ["Conv_0"] = 300 }, tiles = new() { ["Conv_0"] = 110 };
        Assert.Empty(TileChoice.Faster(Convolutions, [disturbed, quiet], [tiles, tiles]));
        Assert.Equal(["a"], TileChoice.Faster(Convolutions, [tiles, disturbed], [quiet, new Dictionary<string, double> { ["Conv_0"] = 80 }]));
    }
}
