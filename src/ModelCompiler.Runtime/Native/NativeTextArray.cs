using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>UTF-8 strings in native memory, each zero-terminated, and the array of pointers that C functions take.</summary>
internal sealed unsafe class NativeTextArray : IDisposable
{
    private readonly int _count;
    private byte** _pointers;

    public NativeTextArray(IReadOnlyList<string> texts)
    {
        _count = texts.Count;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)Math.Max(1, _count), (nuint)sizeof(byte*));
        for (int i = 0; i < _count; i++)
        {
            _pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        }
    }

    ~NativeTextArray() => Free();

    public byte** Pointers => _pointers;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_pointers is null)
        {
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            Marshal.FreeCoTaskMem((nint)_pointers[i]);
        }

        NativeMemory.Free(_pointers);
        _pointers = null;
    }
}
