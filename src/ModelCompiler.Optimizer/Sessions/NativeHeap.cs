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

    // From malloc.h. What is larger than the first lies in pages of its own, which are the system's again when it is freed: kept, they would leave gaps.
    private const int TrimThreshold = -1, MmapThreshold = -3;
    private const int LargestKept = 8 << 20, MostKept = 1 << 30;

    private static readonly MallocTrim? Native = Find<MallocTrim>("malloc_trim");

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int MallocTrim(nuint kept);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int MallocOption(int option, int value);

    /// <summary>
    /// Has the C library keep what runs free until <see cref="Trim"/>, for the next run: the pages of all its tensors were given back and cleared anew at each, which
    /// took a tenth of the processor time of compiling a large model.
    /// </summary>
    public static void KeepBetweenRuns()
    {
        if (Find<MallocOption>("mallopt") is not { } set) return;
        set(MmapThreshold, LargestKept);
        set(TrimThreshold, MostKept);
    }

    /// <summary>Gives back what closed sessions left; takes milliseconds.</summary>
    public static void Trim()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) > LargeBytes) GC.Collect();
        Native?.Invoke(0);
    }

    /// <summary>The same, and all of the managed memory that nobody needs any more: before what takes most.</summary>
    public static void TrimAll()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        Native?.Invoke(0);
    }

    private static T? Find<T>(string name)
        where T : Delegate => OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), name, out nint function)
        ? Marshal.GetDelegateForFunctionPointer<T>(function)
        : null;
}
