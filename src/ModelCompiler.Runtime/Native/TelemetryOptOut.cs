using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>
/// Keeps ONNX Runtime from reporting to its maker: since version 1.29 the library resolves a host and writes an identifier of the device into the
/// user's home as soon as its environment is made (microsoft/onnxruntime#27379). The call of the C API comes too late for that; the variable, which the
/// library reads when it starts, does not.
/// </summary>
internal static partial class TelemetryOptOut
{
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Sets the variable for this process, unless somebody has set it already. To be called before the library is loaded.</summary>
    public static void Apply()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null)
        {
            return;
        }

        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            // .NET keeps a copy of its own there, which native code does not see.
            _ = SetNative(Variable, "1", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
