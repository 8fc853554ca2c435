using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>What kind of hardware a device is, with ONNX Runtime's numbers.</summary>
public enum DeviceType
{
    Cpu = 0,
    Gpu = 1,
    Npu = 2,
}

/// <summary>How ONNX Runtime chooses devices by itself, with its numbers.</summary>
public enum DevicePolicy
{
    Default = 0,
    PreferCpu = 1,
    PreferNpu = 2,
    PreferGpu = 3,
    MaxPerformance = 4,
    MaxEfficiency = 5,
    MinOverallPower = 6,
}

/// <summary>A device and a provider that runs on it; one device may be there for several providers.</summary>
public sealed record ProviderDevice
{
    private ProviderDevice(OrtApi api, nint handle)
    {
        Handle = handle;
        Provider = api.GetDeviceProvider(handle);
        Version = api.GetDeviceMetadata(handle, "version");
        Type = (DeviceType)api.GetDeviceType(handle);
        Vendor = api.GetDeviceVendor(handle);
        Id = api.GetDeviceId(handle);
    }

    /// <summary>ONNX Runtime's name of the provider, or the one that its library registered.</summary>
    public string Provider { get; }

    /// <summary>The version of the provider's own library; empty for providers that are part of ONNX Runtime.</summary>
    public string Version { get; }

    public DeviceType Type { get; }

    /// <summary>The maker of the device; may be empty.</summary>
    public string Vendor { get; }

    /// <summary>The numbers of maker and model, such as <c>10de:2684</c>.</summary>
    public string Id { get; }

    /// <summary>The environment keeps it for as long as the process lives.</summary>
    internal nint Handle { get; }

    internal static ProviderDevice[] All(NativeEnvironment environment)
    {
        var api = environment.Api;
        return api.Supports(OrtApi.DeviceVersion)
            ? [.. api.GetDevices(environment.Handle.Value).Select(device => new ProviderDevice(api, device))]
            : [];
    }
}
