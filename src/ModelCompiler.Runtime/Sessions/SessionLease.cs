using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>Keeps a session's native object open for one call: disposing the session meanwhile frees it when the last lease ends.</summary>
internal readonly ref struct SessionLease
{
    private readonly OrtHandle? _handle;

    public SessionLease(OrtHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
    }

    public nint Session => _handle!.Value;

    public void Dispose() => _handle?.DangerousRelease();
}
