namespace ModelCompiler.Runtime;

/// <summary>The ONNX Runtime of this process: which library it is and what it can do. Loaded when first asked for.</summary>
public static class OrtEnvironment
{
    /// <summary>
    /// A line of ONNX Runtime's log, or of the choice of providers. Nobody listening, lines are dropped: what fails comes as an exception. Handlers are
    /// called from any thread, native ones included, and must not throw: no frame above could catch.
    /// </summary>
    public static event Action<OrtLogMessage>? Logged
    {
        add => NativeEnvironment.Logged += value;
        remove => NativeEnvironment.Logged -= value;
    }

    /// <summary>What this machine has of an execution provider. Nothing is started.</summary>
    /// <exception cref="NativeLibraryException">No ONNX Runtime could be loaded.</exception>
    public static ProviderStatus Inspect(ExecutionProvider provider)
    {
        var environment = NativeEnvironment.Default;
        return ProviderInspection.Inspect(environment.Library, environment.Api.GetAvailableProviders(), ProviderDescription.Of(provider));
    }

    /// <summary>The library's file, or its bare name where the operating system found it.</summary>
    /// <exception cref="NativeLibraryException">None could be loaded.</exception>
    public static string LibraryPath => NativeEnvironment.Default.Library.Path;

    /// <summary>The library's version, such as <c>1.30.0</c>.</summary>
    /// <exception cref="NativeLibraryException">None could be loaded.</exception>
    public static string Version => NativeEnvironment.Default.Library.Version;

    /// <summary>The newest version of the C API that the library has.</summary>
    /// <exception cref="NativeLibraryException">None could be loaded.</exception>
    public static int ApiVersion => NativeEnvironment.Default.Api.Version;

    /// <summary>Commit and build flags, in ONNX Runtime's words.</summary>
    /// <exception cref="NativeLibraryException">None could be loaded.</exception>
    public static string BuildInfo => NativeEnvironment.Default.Api.GetBuildInfo();

    /// <summary>The providers that the library was built with, by ONNX Runtime's names, such as <c>CPUExecutionProvider</c>.</summary>
    /// <exception cref="NativeLibraryException">None could be loaded.</exception>
    public static IReadOnlyList<string> AvailableProviders => NativeEnvironment.Default.Api.GetAvailableProviders();
}
