using ModelCompiler.Diagnostics;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>Adds an execution provider to session options, or says why it cannot be used.</summary>
internal static class ProviderAppender
{
    public static void Append(NativeEnvironment environment, nint options, ExecutionProviderChoice choice)
    {
        var (fullName, shortName) = NamesOf(choice.Provider);
        string[] available = environment.Api.GetAvailableProviders();
        if (!available.Contains(fullName))
        {
            throw new ProviderUnavailableException(
                choice.Provider, DiagnosticTable.ProviderNotInLibrary, environment.Library.Path, choice.Provider, string.Join(", ", available));
        }

        try
        {
            Append(environment.Api, options, choice, shortName);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ProviderUnavailableException(choice.Provider, DiagnosticTable.ProviderNotUsable, choice.Provider, e.Message);
        }
    }

    private static void Append(OrtApi api, nint options, ExecutionProviderChoice choice, string shortName)
    {
        switch (choice.Provider)
        {
            case ExecutionProvider.Cpu:
                // Always there, and always last.
                break;
            case ExecutionProvider.Cuda:
                api.AppendCuda(options, choice.Options);
                break;
            case ExecutionProvider.TensorRt:
                api.AppendTensorRt(options, choice.Options);
                break;
            default:
                api.AppendProvider(options, shortName, choice.Options);
                break;
        }
    }

    /// <summary>The name in the list of available providers, and the one that the generic append function takes.</summary>
    private static (string Full, string Short) NamesOf(ExecutionProvider provider) => provider switch
    {
        ExecutionProvider.Cpu => ("CPUExecutionProvider", "CPU"),
        ExecutionProvider.Cuda => ("CUDAExecutionProvider", "CUDA"),
        ExecutionProvider.TensorRt => ("TensorrtExecutionProvider", "TensorRT"),
        ExecutionProvider.OpenVino => ("OpenVINOExecutionProvider", "OpenVINO"),
        ExecutionProvider.DirectMl => ("DmlExecutionProvider", "DML"),
        ExecutionProvider.CoreMl => ("CoreMLExecutionProvider", "CoreML"),
        ExecutionProvider.WebGpu => ("WebGpuExecutionProvider", "WebGPU"),
        ExecutionProvider.Qnn => ("QNNExecutionProvider", "QNN"),
        ExecutionProvider.Xnnpack => ("XnnpackExecutionProvider", "XNNPACK"),
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "Not an execution provider."),
    };
}
