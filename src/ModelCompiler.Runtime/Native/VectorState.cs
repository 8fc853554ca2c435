using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ModelCompiler.Runtime.Native;

/// <summary>
/// The upper halves of vector registers. As long as something is left in them, old (SSE) instructions have to keep it, and are slow: in ONNX Runtime a
/// tiny model takes a third longer. The JIT clears them where a method that uses them returns, but not where one that does calls another, which calls
/// native code; and it uses them to zero or copy structures.
/// </summary>
/// <seealso href="https://www.intel.com/content/www/us/en/developer/articles/technical/intel-sdm.html">Optimization Reference Manual, Mixing AVX Code with SSE Code</seealso>
internal static class VectorState
{
    /// <summary>Clears them: the JIT ends a method that uses a wide register with VZEROUPPER.</summary>
    /// <param name="scrap">Room of the caller's: a store that nobody could see would be left out, and with it the register.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Clear(out Vector256<byte> scrap)
    {
        Unsafe.SkipInit(out scrap);
        if (Avx.IsSupported)
        {
            scrap = Vector256<byte>.Zero;
        }
    }
}
