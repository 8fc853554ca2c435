using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>Adds an execution provider to session options, or says why it cannot be used.</summary>
internal static class ProviderAppender
{
    /// <returns>Null where it was added.</returns>
    public static ProviderDiagnostic? TryAppend(NativeEnvironment environment, nint options, ExecutionProviderChoice choice, SessionArtefacts artefacts)
    {
        var description = ProviderDescription.Of(choice.Provider);
        string[] available = environment.Api.GetAvailableProviders();
        if (ProviderInspection.Obstacle(environment.Library, available, description) is { } obstacle)
        {
            return obstacle;
        }

        try
        {
            Append(environment.Api, options, artefacts.Prepare(choice), description.AppendName);
            return null;
        }
        catch (OnnxRuntimeException e)
        {
            artefacts.Forget(choice.Provider);
            return ProviderInspection.Explain(environment.Library, available, description, e.Message);
        }
    }

    private static void Append(OrtApi api, nint options, ExecutionProviderChoice choice, string name)
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
                api.AppendProvider(options, name, choice.Options);
                break;
        }
    }
}
