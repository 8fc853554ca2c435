using ModelCompiler.Runtime.Native;

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

    /// <summary>The devices of this machine, each with a provider that runs on it; empty before version 1.22 of ONNX Runtime.</summary>
    /// <exception cref="NativeLibraryException">No ONNX Runtime could be loaded.</exception>
    public static IReadOnlyList<ProviderDevice> Devices => ProviderDevice.All(NativeEnvironment.Default);

    /// <summary>Adds a provider that comes as a library of its own. Its devices are then among <see cref="Devices"/>.</summary>
    /// <param name="name">A name for it, once in a process.</param>
    /// <param name="path">The library's full path.</param>
    /// <exception cref="NativeLibraryException">No ONNX Runtime could be loaded.</exception>
    /// <exception cref="OnnxRuntimeException">The library cannot be loaded, is no provider, or the name is taken.</exception>
    public static void RegisterProviderLibrary(string name, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var environment = NativeEnvironment.Default;
        if (!environment.Api.Supports(OrtApi.DeviceVersion))
        {
            throw new OnnxRuntimeException(OrtErrorCode.NotImplemented, $"version {environment.Library.Version} has no providers as libraries of their own; 1.{OrtApi.DeviceVersion} has");
        }

        environment.Api.RegisterProviderLibrary(environment.Handle.Value, name, path);
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
