using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>
/// An object of the library with the slot that releases it. It holds its parent open, so that a session's environment
/// cannot go before the session; the release happens once, when the last user lets go.
/// </summary>
internal sealed class OrtHandle : SafeHandle
{
    private readonly OrtApi _api;
    private readonly OrtFunction _release;
    private readonly OrtHandle? _parent;

    public OrtHandle(OrtApi api, nint value, OrtFunction release, OrtHandle? parent = null)
        : base(0, ownsHandle: true)
    {
        _api = api;
        _release = release;
        if (parent is not null)
        {
            bool added = false;
            parent.DangerousAddRef(ref added);
            _parent = parent;
        }

        SetHandle(value);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The raw pointer: valid while this object is alive and not disposed.</summary>
    public nint Value => handle;

    protected override bool ReleaseHandle()
    {
        _api.Release(_release, handle);
        _parent?.DangerousRelease();
        return true;
    }
}
