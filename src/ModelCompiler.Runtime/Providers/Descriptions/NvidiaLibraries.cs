namespace ModelCompiler.Runtime;

/// <summary>Whose libraries NVIDIA's are.</summary>
internal static class NvidiaLibraries
{
    public static IReadOnlyDictionary<string, string> Owners { get; } = new Dictionary<string, string>
    {
        ["libcudart"] = "CUDA",
        ["libcublas"] = "CUDA",
        ["libcurand"] = "CUDA's cuRAND",
        ["libcufft"] = "CUDA's cuFFT",
        ["libnvrtc"] = "CUDA",
        ["libcudnn"] = "cuDNN",
        ["libnvinfer"] = "TensorRT",
        ["libnvonnxparser"] = "TensorRT",
        ["libcuda.so"] = "the NVIDIA driver",
    };
}
