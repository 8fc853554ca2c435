using ModelCompiler.Runtime.Tests.Models;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Providers;

public class ProviderDeviceTests
{
    private static ProviderDevice Cpu => OrtEnvironment.Devices.First(device => device.Provider == "CPUExecutionProvider");

    [Fact]
    public void The_processor_is_a_device_of_the_cpu_provider() => Assert.Equal(DeviceType.Cpu, Cpu.Type);

    [Fact]
    public void A_session_runs_on_a_device_that_was_chosen()
    {
        using var session = InferenceSession.Open(TestModels.Add(), new SessionOptions { Devices = [Cpu] });
        var x = TensorBuffer.Create([2, 2], [1f, 2, 3, 4]);

        Assert.Equal([2f, 4, 6, 8], session.Run([("a", x), ("b", x)])[0].AsSpan<float>().ToArray());
        Assert.Equal(1, session.Placement.CountOf(ExecutionProvider.Cpu));
    }

    [Fact]
    public void A_policy_chooses_and_the_placement_tells_what()
    {
        using var session = InferenceSession.Open(TestModels.Add(), new SessionOptions { DevicePolicy = DevicePolicy.PreferCpu });

        Assert.Equal(1, session.Placement.CountOf(ExecutionProvider.Cpu));
    }

    [Fact]
    public void A_library_that_is_no_provider_is_refused()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "no provider.so");

        var absent = Assert.Throws<OnnxRuntimeException>(() => OrtEnvironment.RegisterProviderLibrary("absent", path));
        var other = Assert.Throws<OnnxRuntimeException>(() => OrtEnvironment.RegisterProviderLibrary("other", OrtEnvironment.LibraryPath));

        Assert.Contains("no provider.so", absent.Message, StringComparison.Ordinal);
        Assert.Contains("CreateEpFactories", other.Message, StringComparison.Ordinal);
    }
}
