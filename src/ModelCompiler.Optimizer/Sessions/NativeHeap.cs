using System.Runtime.InteropServices;

namespace ModelCompiler.Optimizer.Sessions;

/// <summary>
/// Memory of sessions that are closed. The C library of most Linux systems keeps what is freed in pieces of up to 32 MiB for itself, which for a model
/// is several times its weights: asked for it between the steps of a compilation, it gives the pages back. Elsewhere that is nobody's business. Large arrays that nobody
/// needs any more are as much, and collected as rarely.
/// </summary>
internal static class NativeHeap
{
    /// <summary>Bytes of managed memory from which on it is worth collecting.</summary>
    private const long LargeBytes = 64 << 20;

    private static readonly MallocTrim? Native = Find();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int MallocTrim(nuint kept);

    /// <summary>Gives back what closed sessions left; takes milliseconds.</summary>
    public static void Trim()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) > LargeBytes) GC.Collect();
        Native?.Invoke(0);
    }

    private static MallocTrim? Find() => OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out nint function)
        ? Marshal.GetDelegateForFunctionPointer<MallocTrim>(function)
        : null;
}
