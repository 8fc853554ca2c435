namespace ModelCompiler.Runtime.Native;

/// <summary>
/// ONNX Runtime's function table, called by slot. Each function is named once, in the other files of this type; here
/// are the handful of signatures that they share. A status that is not null becomes an exception.
/// </summary>
/// <remarks>Calls take raw pointers: callers keep the <see cref="OrtHandle"/>s behind them alive.</remarks>
internal sealed unsafe partial class OrtApi
{
    /// <summary>The lowest API version that has every function in use: 15 brought optional types and string buffers.</summary>
    public const int MinimumVersion = 15;

    private readonly nint* _table;
    private readonly delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> _run;

    /// <param name="table">The function table; it must outlive this object.</param>
    /// <param name="version">The newest API version that the library has: the minor part of its own version.</param>
    public OrtApi(nint* table, int version)
    {
        _table = table;
        _run = (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)this[OrtFunction.Run];
        Version = version;
    }

    public int Version { get; }

    public bool Supports(int version) => Version >= version;

    /// <exception cref="OnnxRuntimeException">The call failed; the status is released.</exception>
    public void Check(nint status)
    {
        if (status != 0)
        {
            throw ToException(status);
        }
    }

    /// <summary>Turns a failed status into an exception and releases it.</summary>
    public OnnxRuntimeException ToException(nint status)
    {
        int code = ((delegate* unmanaged<nint, int>)this[OrtFunction.GetErrorCode])(status);
        var message = Utf8.Read(((delegate* unmanaged<nint, byte*>)this[OrtFunction.GetErrorMessage])(status));
        Release(OrtFunction.ReleaseStatus, status);
        return new OnnxRuntimeException((OrtErrorCode)code, message);
    }

    public void Release(OrtFunction release, nint value) => ((delegate* unmanaged<nint, void>)this[release])(value);

    private nint this[OrtFunction function] => _table[(int)function];

    private nint Get(OrtFunction function)
    {
        nint result;
        Check(((delegate* unmanaged<nint*, nint>)this[function])(&result));
        return result;
    }

    private nint Get(OrtFunction function, nint self)
    {
        nint result;
        Check(((delegate* unmanaged<nint, nint*, nint>)this[function])(self, &result));
        return result;
    }

    private nint Get(OrtFunction function, nint self, int index)
    {
        nint result;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)this[function])(self, (nuint)index, &result));
        return result;
    }

    private int GetCount(OrtFunction function, nint self)
    {
        nuint result;
        Check(((delegate* unmanaged<nint, nuint*, nint>)this[function])(self, &result));
        return checked((int)result);
    }

    /// <summary>For C enumerations and flags, which are ints.</summary>
    private int GetInt32(OrtFunction function, nint self)
    {
        int result;
        Check(((delegate* unmanaged<nint, int*, nint>)this[function])(self, &result));
        return result;
    }

    private void Set(OrtFunction function, nint self) => Check(((delegate* unmanaged<nint, nint>)this[function])(self));

    private void Set(OrtFunction function, nint self, int value) =>
        Check(((delegate* unmanaged<nint, int, nint>)this[function])(self, value));

    /// <summary>Sets a path, which is UTF-16 on Windows and UTF-8 elsewhere.</summary>
    private void SetPath(OrtFunction function, nint self, string path)
    {
        using var text = NativeText.FromPath(path);
        Check(((delegate* unmanaged<nint, void*, nint>)this[function])(self, text.Pointer));
    }

    /// <summary>Reads a string that the library allocates, and frees it.</summary>
    private string TakeText(byte* text)
    {
        string result = Utf8.Read(text);
        Check(((delegate* unmanaged<nint, byte*, nint>)this[OrtFunction.AllocatorFree])(DefaultAllocator, text));
        return result;
    }
}
