using System.Runtime.InteropServices;
using ModelCompiler.Optimizer.Compilation;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>What an execution provider can do, as far as passes need it. One profile per provider and CPU class; passes never ask for names.</summary>
public sealed record TargetProfile
{
    /// <summary>ONNX Runtime's CPU provider on any x64 CPU: integer kernels for unsigned 8-bit activations and signed weights.</summary>
    public static TargetProfile CpuPortable { get; } = new()
    {
        Name = "Cpu/Portable",
        UnsignedActivations = true,
        SaturatesPairs = true,
        Channels = ChannelBlocks.X64,
        MaxOpset = 22,
        IntegerKernels = CpuIntegerKernels.All,
        FusedOperators = CpuFusedOperators.All,
        ContribOperators = CpuContribOperators.All,
        ExpandedOperators = CpuFusedOperators.Expanded,
    };

    /// <summary>ONNX Runtime's CPU provider on one class of processors.</summary>
    public static TargetProfile Cpu(TargetCpu cpu) => cpu switch
    {
        TargetCpu.Portable => CpuPortable,
        TargetCpu.Native => Cpu(NativeCpu.Detect()),
        TargetCpu.Arm64 => CpuPortable with { Name = "Cpu/Arm64", UnsignedActivations = false, SaturatesPairs = false, Channels = null, RunsHere = IsArm },
        _ => CpuPortable with { Name = $"Cpu/{cpu}", SaturatesPairs = cpu == TargetCpu.Avx2, HasTiles = cpu == TargetCpu.Amx, RunsHere = !IsArm },
    };

    /// <summary>The name for people: provider and CPU class.</summary>
    public required string Name { get; init; }

    /// <summary>Whether times that are measured on this machine tell of the class: kernels of another architecture are others.</summary>
    public bool RunsHere { get; init; } = true;

    /// <summary>Whether int8 activations are unsigned (x64) or signed (ARM64, TensorRT).</summary>
    public bool UnsignedActivations { get; init; }

    /// <summary>Whether some CPU of the class adds two products in 16 bits, so that weights must be small enough for the sum.</summary>
    public bool SaturatesPairs { get; init; }

    /// <summary>The operators of ONNX's own domain that run on 8-bit integers.</summary>
    public IReadOnlyDictionary<string, IntegerKernel> IntegerKernels { get; init; } = new Dictionary<string, IntegerKernel>();

    /// <summary>How the provider wants these operators' graph laid out.</summary>
    public IntegerLayout Layout { get; init; } = IntegerLayout.Cpu;

    /// <summary>Why a precision that is not among <see cref="Precisions"/> gains nothing on the provider, or cannot be had.</summary>
    public string OtherPrecisions { get; init; } = "";

    /// <summary>Whether every CPU of the class multiplies matrices of 8-bit integers on tiles (AMX), so that weights may be laid out for them.</summary>
    public bool HasTiles { get; init; }

    /// <summary>Whether what tiles gain can be measured on this machine.</summary>
    public bool TilesRunHere => HasTiles && NativeCpu.Detect() == TargetCpu.Amx;

    /// <summary>What the fast integer convolutions ask of channels; null where that was not measured.</summary>
    public ChannelBlocks? Channels { get; init; }

    /// <summary>The newest version of ONNX's own operator set that the provider runs.</summary>
    public long MaxOpset { get; init; }

    /// <summary>Operators beyond plain arithmetic for which the provider has a kernel of its own, so that fusing into them gains.</summary>
    public IReadOnlySet<string> FusedOperators { get; init; } = new HashSet<string>();

    /// <summary>ONNX Runtime's own operators on quantized weights that the provider has kernels for.</summary>
    public IReadOnlySet<string> ContribOperators { get; init; } = new HashSet<string>();

    /// <summary>Whether float16 is computed natively, and faster than float32: what computes in float32 between conversions gains nothing.</summary>
    public bool ComputesHalf { get; init; }

    /// <summary>Operators that the provider has kernels for in bfloat16, as of operator set 22; null where it computes nothing in it.</summary>
    public IReadOnlySet<string>? BFloat16Operators { get; init; }

    /// <summary>Operators that run faster as the plain arithmetic that they stand for.</summary>
    public IReadOnlySet<string> ExpandedOperators { get; init; } = new HashSet<string>();

    /// <summary>Operators of ONNX's own domain that the provider runs; null for those of ONNX Runtime's CPU provider, which are all.</summary>
    public IReadOnlySet<string>? Operators { get; init; }

    /// <summary>Precisions that the provider computes in, as far as graphs are laid out for it.</summary>
    public IReadOnlySet<Precision> Precisions { get; init; } = Enum.GetValues<Precision>().ToHashSet();

    /// <summary>Whether the provider compiles the graph for fixed sizes, and leaves what has open dimensions to others.</summary>
    public bool NeedsFixedShapes { get; init; }

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
}
