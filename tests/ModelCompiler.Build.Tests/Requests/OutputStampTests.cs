using ModelCompiler.Requests;
using ModelCompiler.Tests;
using Xunit;

namespace ModelCompiler.Build.Tests.Requests;

public sealed class OutputStampTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Reads_what_it_wrote()
    {
        var stamp = new OutputStamp("hash", ["a.onnx", "a b.json"], ["12:34 /data/with space.bin"]) { Warnings = [("OM4002", "out of breath, in short")] };

        var read = OutputStamp.Parse(stamp.Write());

        Assert.Equal("hash", read.Stamp);
        Assert.Equal(stamp.Outputs, read.Outputs);
        Assert.Equal(stamp.Inputs, read.Inputs);
        Assert.Equal(stamp.Warnings, read.Warnings);
    }

    [Fact]
    public void Is_intact_while_outputs_exist_and_inputs_are_as_they_were()
    {
        _workspace.Write("out/a.onnx", "model");
        string input = _workspace.Write("weights.bin", "data");
        var stamp = new OutputStamp("hash", ["a.onnx"], [OutputStamp.InputEntry(input)]);
        Assert.True(stamp.IsIntact(_workspace.PathOf("out")));

        _workspace.Touch("weights.bin");
        Assert.False(stamp.IsIntact(_workspace.PathOf("out")));
        Assert.False(new OutputStamp("hash", ["b.onnx"], []).IsIntact(_workspace.PathOf("out")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("hash\n")]
    [InlineData("hash\nin\nin x\nout \nwarn \nwarn OM4002")]
    public void A_torn_stamp_is_never_a_good_one(string text)
    {
        var stamp = OutputStamp.Parse(text);
        Assert.False(stamp.Stamp == "hash" && stamp.IsIntact(_workspace.Folder));
    }
}
