namespace ModelCompiler.Runtime.Native;

/// <summary>Execution providers. CUDA and TensorRT have option objects of their own; all others share one function.</summary>
internal sealed unsafe partial class OrtApi
{
    public void AppendProvider(nint options, string provider, IReadOnlyDictionary<string, string> settings)
    {
        using var name = NativeText.FromUtf8(provider);
        using var keys = new NativeTextArray([.. settings.Keys]);
        using var values = new NativeTextArray([.. settings.Values]);
        Check(((delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint>)this[OrtFunction.AppendExecutionProvider])(
            options, name.Pointer, keys.Pointers, values.Pointers, (nuint)settings.Count));
    }

    public void AppendCuda(nint options, IReadOnlyDictionary<string, string> settings) => AppendWithOptions(
        options,
        settings,
        OrtFunction.CreateCudaProviderOptions,
        OrtFunction.UpdateCudaProviderOptions,
        OrtFunction.AppendCudaProvider,
        OrtFunction.ReleaseCudaProviderOptions);

    public void AppendTensorRt(nint options, IReadOnlyDictionary<string, string> settings) => AppendWithOptions(
        options,
        settings,
        OrtFunction.CreateTensorRtProviderOptions,
        OrtFunction.UpdateTensorRtProviderOptions,
        OrtFunction.AppendTensorRtProvider,
        OrtFunction.ReleaseTensorRtProviderOptions);

    private void AppendWithOptions(
        nint options, IReadOnlyDictionary<string, string> settings, OrtFunction create, OrtFunction update, OrtFunction append, OrtFunction release)
    {
        using var provider = new OrtHandle(this, Get(create), release);
        using var keys = new NativeTextArray([.. settings.Keys]);
        using var values = new NativeTextArray([.. settings.Values]);
        Check(((delegate* unmanaged<nint, byte**, byte**, nuint, nint>)this[update])(
            provider.Value, keys.Pointers, values.Pointers, (nuint)settings.Count));
        Check(((delegate* unmanaged<nint, nint, nint>)this[append])(options, provider.Value));
    }
}
