using ModelCompiler.Runtime.Tests.Models;
using ModelCompiler.Runtime.Tests.Plugin;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers;

/// <summary>A provider that comes as a library of its own, written in this project: it is really loaded, and really computes.</summary>
[Collection(nameof(PluginProvider))]
public class PluginProviderTests
{
    public PluginProviderTests() => Assert.SkipWhen(TrampolineLibrary.Unavailable is not null, TrampolineLibrary.Unavailable ?? "");

    [Fact]
    public void Its_device_is_among_the_machines_and_tells_who_made_it()
    {
        var device = PluginProvider.Device;

        Assert.Equal((PluginProvider.Name, "1.2.3", DeviceType.Cpu), (device.Provider, device.Version, device.Type));
        Assert.Matches("^[0-9a-f]{4,8}:[0-9a-f]{4,8}$", device.Id);
    }

    [Fact]
    public void Nodes_that_it_takes_run_on_it_and_the_others_on_the_cpu()
    {
        using var session = InferenceSession.Open(Squares(), new SessionOptions { Devices = [PluginProvider.Device] });

        Assert.Equal([-1f, -4, -9], session.Run([("x", TensorBuffer.Create([3], [1f, 2, 3]))])[0].AsSpan<float>().ToArray());
        Assert.Equal([PluginProvider.Name, "CPUExecutionProvider"], session.Placement.Counts.Select(count => count.Key).Order(StringComparer.Ordinal).Reverse());
        Assert.Contains(session.Placement.Nodes, node => node.Provider == "CPUExecutionProvider" && node.Name == "sign");
    }

    [Fact]
    public void A_policy_chooses_it_for_the_kind_of_device_that_it_is_for()
    {
        _ = PluginProvider.Device;
        using var session = InferenceSession.Open(Squares(), new SessionOptions { DevicePolicy = DevicePolicy.PreferCpu });

        Assert.Contains(session.Placement.Counts, count => count.Key == PluginProvider.Name);
        Assert.Equal([-4f], session.Run([("x", TensorBuffer.Create([1], [2f]))])[0].AsSpan<float>().ToArray());
    }

    [Fact]
    public void Its_name_can_be_registered_once()
    {
        _ = PluginProvider.Device;

        Assert.Throws<OnnxRuntimeException>(() => OrtEnvironment.RegisterProviderLibrary(PluginProvider.Name, OrtEnvironment.LibraryPath));
    }

    /// <summary>−x².</summary>
    private static byte[] Squares() => new OnnxModel()
        .Input("x", TensorElementType.Float32, "n")
        .Output("y", TensorElementType.Float32, "n")
        .NamedNode("square", "Mul", ["x", "x"], ["p"])
        .NamedNode("sign", "Neg", ["p"], ["y"])
        .Build();
}
