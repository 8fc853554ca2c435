using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>Hands <see cref="SessionOptions"/> over to the library, except for execution providers, which <see cref="ProviderSelection"/> adds.</summary>
internal static class SessionOptionsWriter
{
    /// <summary>Has weights made unsigned, for which every processor has exact kernels.</summary>
    private const string ExactIntegersKey = "session.x64quantprecision";

    public static OrtHandle Write(NativeEnvironment environment, SessionOptions options)
    {
        var api = environment.Api;
        var handle = new OrtHandle(api, api.CreateSessionOptions(), OrtFunction.ReleaseSessionOptions);
        try
        {
            WriteExecution(api, handle.Value, options);
            WriteOutputs(api, handle.Value, options);
            foreach (var (symbol, size) in options.FixedDimensions)
            {
                api.FixDimension(handle.Value, symbol, size);
            }

            if (options.ExactIntegers)
            {
                api.AddConfigEntry(handle.Value, ExactIntegersKey, "1");
            }

            foreach (var (key, value) in options.ConfigEntries)
            {
                api.AddConfigEntry(handle.Value, key, value);
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void WriteExecution(OrtApi api, nint handle, SessionOptions options)
    {
        api.SetOptimizationLevel(handle, (int)options.GraphOptimization);
        if (options.SharedThreads is not null)
        {
            api.ShareThreads(handle);
        }

        api.SetIntraOpThreads(handle, options.IntraOpThreads);
        api.SetInterOpThreads(handle, options.InterOpThreads);
        string spinning = options.AllowSpinning ? "1" : "0";
        api.AddConfigEntry(handle, "session.intra_op.allow_spinning", spinning);
        api.AddConfigEntry(handle, "session.inter_op.allow_spinning", spinning);
        if (!options.UseCpuArena)
        {
            api.DisableCpuArena(handle);
        }

        if (!options.UseMemoryPattern)
        {
            api.DisableMemoryPattern(handle);
        }
    }

    private static void WriteOutputs(OrtApi api, nint handle, SessionOptions options)
    {
        api.SetLogSeverity(handle, (int)options.LogSeverity);
        if (options.OptimizedModelPath is { } model)
        {
            api.SetOptimizedModelFilePath(handle, model);
        }

        if (options.ProfilingPrefix is { } prefix)
        {
            api.EnableProfiling(handle, prefix);
        }
    }
}
