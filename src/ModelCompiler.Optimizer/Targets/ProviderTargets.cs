using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>The profile that passes ask, for each execution provider.</summary>
public static class ProviderTargets
{
    /// <summary>The profile of a provider; on the CPU, of one class of processors.</summary>
    public static TargetProfile Of(ExecutionProvider provider, TargetCpu cpu = TargetCpu.Portable) => provider switch
    {
        ExecutionProvider.Cpu => TargetProfile.Cpu(cpu),
        ExecutionProvider.Cuda => GpuTargets.Cuda,
        ExecutionProvider.TensorRt => GpuTargets.TensorRt,
        ExecutionProvider.DirectMl => GpuTargets.DirectMl,
        ExecutionProvider.WebGpu => GpuTargets.WebGpu,
        ExecutionProvider.OpenVino => AcceleratorTargets.OpenVino,
        ExecutionProvider.Qnn => AcceleratorTargets.Qnn,
        ExecutionProvider.CoreMl => AcceleratorTargets.CoreMl,
        ExecutionProvider.Xnnpack => AcceleratorTargets.Xnnpack,
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "Not an execution provider."),
    };
}
