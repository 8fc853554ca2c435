namespace ModelCompiler.Optimizer.Targets;

/// <summary>The processors that a model is laid out for.</summary>
public enum TargetCpu
{
    /// <summary>Every x64 processor: the answers do not depend on whether it has VNNI.</summary>
    Portable,

    /// <summary>The processor of the machine that compiles.</summary>
    Native,

    /// <summary>x64 without VNNI: products of bytes are added in 16 bits, and saturate.</summary>
    Avx2,

    /// <summary>x64 with AVX512-VNNI or AVX-VNNI: products of bytes are added in 32 bits, and weights may use all of theirs.</summary>
    Avx512Vnni,

    /// <summary>x64 with AMX-INT8, which adds in 32 bits too: layers that are faster on its tiles are laid out for them, where the machine that compiles has them.</summary>
    Amx,

    /// <summary>ARM64, whose fast kernels are for signed activations.</summary>
    Arm64,
}
