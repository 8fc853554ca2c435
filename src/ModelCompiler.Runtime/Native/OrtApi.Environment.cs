namespace ModelCompiler.Runtime.Native;

/// <summary>Environment, memory and what the library says of itself.</summary>
internal sealed unsafe partial class OrtApi
{
    // OrtAllocatorType.OrtDeviceAllocator and OrtMemType.OrtMemTypeDefault: plain memory that the caller owns.
    private const int DeviceAllocator = 0;
    private const int DefaultMemory = 0;

    private nint _defaultAllocator;

    /// <summary>The library's own allocator of CPU memory; never to be released.</summary>
    public nint DefaultAllocator =>
        _defaultAllocator != 0 ? _defaultAllocator : _defaultAllocator = Get(OrtFunction.GetAllocatorWithDefaultOptions);

    /// <summary>Version, commit and build flags, in ONNX Runtime's words.</summary>
    public string GetBuildInfo() => Utf8.Read(((delegate* unmanaged<byte*>)this[OrtFunction.GetBuildInfoString])());

    public nint CreateEnvironment(
        delegate* unmanaged<void*, int, byte*, byte*, byte*, byte*, void> logger, int severity, string name)
    {
        using var text = NativeText.FromUtf8(name);
        nint environment;
        Check(((delegate* unmanaged<void*, void*, int, byte*, nint*, nint>)this[OrtFunction.CreateEnvWithCustomLogger])(
            logger, null, severity, text.Pointer, &environment));
        return environment;
    }

    /// <summary>An environment with threads that sessions can share, which never spin.</summary>
    /// <param name="logger">Takes the lines of the log.</param>
    /// <param name="severity">The lowest that is logged.</param>
    /// <param name="name">What the log calls it.</param>
    /// <param name="threads">Threads within an operator, the caller's included; 0 for one per core.</param>
    public nint CreateEnvironment(
        delegate* unmanaged<void*, int, byte*, byte*, byte*, byte*, void> logger, int severity, string name, int threads)
    {
        using var text = NativeText.FromUtf8(name);
        nint threading = Get(OrtFunction.CreateThreadingOptions);
        try
        {
            Set(OrtFunction.SetGlobalIntraOpNumThreads, threading, threads);
            Set(OrtFunction.SetGlobalInterOpNumThreads, threading, 1);
            Set(OrtFunction.SetGlobalSpinControl, threading, 0);
            nint environment;
            Check(((delegate* unmanaged<void*, void*, int, byte*, nint, nint*, nint>)this[OrtFunction.CreateEnvWithCustomLoggerAndGlobalThreadPools])(
                logger, null, severity, text.Pointer, threading, &environment));
            return environment;
        }
        finally
        {
            Release(OrtFunction.ReleaseThreadingOptions, threading);
        }
    }

    public void DisableTelemetry(nint environment) => Set(OrtFunction.DisableTelemetryEvents, environment);

    public nint CreateCpuMemoryInfo()
    {
        nint info;
        Check(((delegate* unmanaged<int, int, nint*, nint>)this[OrtFunction.CreateCpuMemoryInfo])(DeviceAllocator, DefaultMemory, &info));
        return info;
    }

    /// <summary>The providers that the library was built with, such as <c>CPUExecutionProvider</c>.</summary>
    public string[] GetAvailableProviders()
    {
        byte** names;
        int count;
        Check(((delegate* unmanaged<byte***, int*, nint>)this[OrtFunction.GetAvailableProviders])(&names, &count));
        var result = new string[count];
        for (int i = 0; i < count; i++)
        {
            result[i] = Utf8.Read(names[i]);
        }

        Check(((delegate* unmanaged<byte**, int, nint>)this[OrtFunction.ReleaseAvailableProviders])(names, count));
        return result;
    }
}
