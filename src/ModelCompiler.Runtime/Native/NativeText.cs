using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>A zero-terminated string in native memory, for as long as a call needs it.</summary>
internal readonly unsafe ref struct NativeText
{
    private NativeText(nint pointer) => Pointer = (byte*)pointer;

    public byte* Pointer { get; }

    public static NativeText FromUtf8(string text) => new(Marshal.StringToCoTaskMemUTF8(text));

    /// <summary>The library's own path type, ORTCHAR_T: UTF-16 on Windows, UTF-8 elsewhere.</summary>
    public static NativeText FromPath(string path) =>
        new(OperatingSystem.IsWindows() ? Marshal.StringToCoTaskMemUni(path) : Marshal.StringToCoTaskMemUTF8(path));

    public void Dispose() => Marshal.FreeCoTaskMem((nint)Pointer);
}
