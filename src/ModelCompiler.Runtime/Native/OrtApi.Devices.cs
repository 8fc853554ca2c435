using System.Globalization;

namespace ModelCompiler.Runtime.Native;

/// <summary>Providers that come as a library of their own, and devices: only where <see cref="Supports"/> has <see cref="DeviceVersion"/>.</summary>
internal sealed unsafe partial class OrtApi
{
    /// <summary>The version of the API that brought these functions.</summary>
    public const int DeviceVersion = 22;

    public void RegisterProviderLibrary(nint environment, string name, string path)
    {
        using var nameText = NativeText.FromUtf8(name);
        using var pathText = NativeText.FromPath(path);
        Check(((delegate* unmanaged<nint, byte*, void*, nint>)this[OrtFunction.RegisterExecutionProviderLibrary])(environment, nameText.Pointer, pathText.Pointer));
    }

    /// <summary>Pairs of a provider and a device, as opaque pointers that the environment keeps.</summary>
    public nint[] GetDevices(nint environment)
    {
        nint* devices;
        nuint count;
        Check(((delegate* unmanaged<nint, nint**, nuint*, nint>)this[OrtFunction.GetEpDevices])(environment, &devices, &count));
        return new ReadOnlySpan<nint>(devices, checked((int)count)).ToArray();
    }

    public string GetDeviceProvider(nint device) => GetText(OrtFunction.EpDeviceEpName, device);

    public int GetDeviceType(nint device) => ((delegate* unmanaged<nint, int>)this[OrtFunction.HardwareDeviceType])(GetHardware(device));

    public string GetDeviceVendor(nint device) => GetText(OrtFunction.HardwareDeviceVendor, GetHardware(device));

    /// <summary>Maker and model in four hexadecimal digits each, as PCI counts them.</summary>
    public string GetDeviceId(nint device) => string.Create(
        CultureInfo.InvariantCulture, $"{GetNumber(OrtFunction.HardwareDeviceVendorId, device):x4}:{GetNumber(OrtFunction.HardwareDeviceDeviceId, device):x4}");

    /// <summary>What the provider tells of itself under a key; empty for nothing.</summary>
    public string GetDeviceMetadata(nint device, string key)
    {
        using var text = NativeText.FromUtf8(key);
        nint pairs = ((delegate* unmanaged<nint, nint>)this[OrtFunction.EpDeviceEpMetadata])(device);
        return pairs == 0 ? "" : Utf8.Read(((delegate* unmanaged<nint, byte*, byte*>)this[OrtFunction.GetKeyValue])(pairs, text.Pointer));
    }

    /// <summary>Adds a provider for devices, all of that provider.</summary>
    public void AppendDevices(nint options, nint environment, ReadOnlySpan<nint> devices)
    {
        fixed (nint* first = devices)
        {
            Check(((delegate* unmanaged<nint, nint, nint*, nuint, byte**, byte**, nuint, nint>)this[OrtFunction.AppendExecutionProviderV2])(
                options, environment, first, (nuint)devices.Length, null, null, 0));
        }
    }

    public void SetDevicePolicy(nint options, int policy) => Set(OrtFunction.SetEpSelectionPolicy, options, policy);

    private uint GetNumber(OrtFunction function, nint device) => ((delegate* unmanaged<nint, uint>)this[function])(GetHardware(device));

    private nint GetHardware(nint device) => ((delegate* unmanaged<nint, nint>)this[OrtFunction.EpDeviceDevice])(device);

    /// <summary>A string that the library keeps, of a function that cannot fail.</summary>
    private string GetText(OrtFunction function, nint self) => Utf8.Read(((delegate* unmanaged<nint, byte*>)this[function])(self));
}
