using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>What the processor of this machine is, by CPUID (Intel SDM, volume 2A, leaf 7).</summary>
internal static class NativeCpu
{
    private const int ExtendedFeatures = 7;
    private const int Avx512Vnni = 1 << 11;
    private const int AvxVnni = 1 << 4;
    private const int AmxInt8 = 1 << 25;

    /// <summary>Whether it adds two products of bytes in 16 bits.</summary>
    public static bool SaturatesPairs { get; } = Detect() == TargetCpu.Avx2;

    /// <summary>The class that it belongs to.</summary>
    public static TargetCpu Detect()
    {
        if (RuntimeInformation.ProcessArchitecture == Architecture.Arm64) return TargetCpu.Arm64;
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < ExtendedFeatures) return TargetCpu.Avx2;
        (_, _, int ecx, int edx) = X86Base.CpuId(ExtendedFeatures, 0);
        (int eaxOfSecond, _, _, _) = X86Base.CpuId(ExtendedFeatures, 1);
        if ((edx & AmxInt8) != 0) return TargetCpu.Amx;
        return (ecx & Avx512Vnni) != 0 || (eaxOfSecond & AvxVnni) != 0 ? TargetCpu.Avx512Vnni : TargetCpu.Avx2;
    }
}
