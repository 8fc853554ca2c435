using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Targets;

/// <summary>The profile that passes ask, for each execution provider.</summary>
public static class ProviderTargets
{
    /// <summary>The profile of a provider.</summary>
    public static TargetProfile Of(ExecutionProvider provider) => provider switch
    {
        ExecutionProvider.Cpu => TargetProfile.CpuPortable,
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
