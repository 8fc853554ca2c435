using System.Globalization;

namespace ModelCompiler.Runtime.Native;

/// <summary>
/// Memory of the host out of one of a session's own allocators: pinned, where a device copies from it and to it without a detour. What was allocated
/// keeps all of it open, whoever is disposed first.
/// </summary>
internal sealed unsafe class HostAllocator : IDisposable
{
    private readonly OrtApi _api;
    private readonly OrtHandle _memoryInfo;
    private readonly OrtHandle _allocator;

    /// <param name="api">The library.</param>
    /// <param name="session">The session, which the allocator keeps open.</param>
    /// <param name="name">ONNX Runtime's name of the memory, such as <c>CudaPinned</c>.</param>
    /// <param name="device">The number of the device.</param>
    /// <exception cref="OnnxRuntimeException">The session has no such memory.</exception>
    public HostAllocator(OrtApi api, OrtHandle session, string name, int device)
    {
        _api = api;
        _memoryInfo = new OrtHandle(api, api.CreateMemoryInfo(name, device), OrtFunction.ReleaseMemoryInfo, session);
        try
        {
            _allocator = new OrtHandle(api, api.CreateAllocator(session.Value, _memoryInfo.Value), OrtFunction.ReleaseAllocator, _memoryInfo);
        }
        catch
        {
            _memoryInfo.Dispose();
            throw;
        }
    }

    /// <summary>Of the first provider that is used: its device is the one that inputs go to. Null where plain memory serves.</summary>
    /// <param name="placement">The providers of the session.</param>
    /// <param name="options">How it was opened.</param>
    /// <param name="api">The library.</param>
    /// <param name="session">The session.</param>
    public static HostAllocator? OfFirst(SessionPlacement placement, SessionOptions options, OrtApi api, OrtHandle session)
    {
        var first = placement.Decisions.FirstOrDefault(decision => decision.IsUsed)?.Provider;
        if (first is null || ProviderDescription.Of(first.Value).PinnedMemory is not { } name)
        {
            return null;
        }

        var choice = options.ExecutionProviders.First(choice => choice.Provider == first);
        int device = int.TryParse(choice.Options.GetValueOrDefault("device_id"), CultureInfo.InvariantCulture, out int number) ? number : 0;
        try
        {
            return new HostAllocator(api, session, name, device);
        }
        catch (OnnxRuntimeException e)
        {
            NativeEnvironment.Log(new OrtLogMessage(LogSeverity.Warning, OrtLogMessage.OwnCategory, "", $"{first}: inputs and outputs are not in pinned memory, and are copied twice. {e.Message}"));
            return null;
        }
    }

    /// <summary>The description of the memory, for tensors in it.</summary>
    public nint MemoryInfo => _memoryInfo.Value;

    /// <exception cref="OnnxRuntimeException">There is not so much.</exception>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public byte* Allocate(nuint bytes)
    {
        bool added = false;
        _allocator.DangerousAddRef(ref added);
        try
        {
            return _api.Allocate(_allocator.Value, bytes);
        }
        catch
        {
            _allocator.DangerousRelease();
            throw;
        }
    }

    public void Free(byte* memory)
    {
        _api.Free(_allocator.Value, memory);
        _allocator.DangerousRelease();
    }

    public void Dispose()
    {
        _allocator.Dispose();
        _memoryInfo.Dispose();
    }
}
