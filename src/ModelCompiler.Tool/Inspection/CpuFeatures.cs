using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ModelCompiler.Tool.Inspection;

/// <summary>The instructions that decide how fast a CPU runs models, and integers above all.</summary>
internal static class CpuFeatures
{
    /// <summary>Names as Linux and the makers write them, the ones for integers last.</summary>
    public static IReadOnlyList<string> Detect() => X86Base.IsSupported ? X86() : Arm();

    /// <summary>Intel Software Developer's Manual, volume 2, CPUID: leaf 7 has the features that .NET has no class for.</summary>
    private static List<string> X86()
    {
        var found = new List<string>();
        Add(Avx.IsSupported, "AVX");
        Add(Avx2.IsSupported, "AVX2");
        Add(Fma.IsSupported, "FMA");
        Add(Avx512F.IsSupported, "AVX512F");
        // The system may keep registers from programs that the CPU has: where it does so, .NET reports no AVX either.
        if (!Avx2.IsSupported || X86Base.CpuId(0, 0).Eax < 7) return found;
        var (leaves, _, ecx, edx) = X86Base.CpuId(7, 0);
        int eax = leaves >= 1 ? X86Base.CpuId(7, 1).Eax : 0;
        Add(Avx512F.IsSupported && Has(eax, 5), "AVX512_BF16");
        Add(Avx512F.IsSupported && Has(ecx, 11), "AVX512_VNNI");
        Add(Has(eax, 4), "AVX_VNNI");
        Add(Has(edx, 22), "AMX_BF16");
        Add(Has(edx, 25), "AMX_INT8");
        return found;

        void Add(bool isThere, string name)
        {
            if (isThere) found.Add(name);
        }
    }

    private static List<string> Arm()
    {
        var found = new List<string>();
        if (AdvSimd.IsSupported) found.Add("NEON");
        if (Dp.IsSupported) found.Add("DOTPROD");
        return found;
    }

    private static bool Has(int register, int bit) => (register >> bit & 1) != 0;
}
