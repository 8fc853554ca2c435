namespace ModelCompiler.Runtime.Native;

/// <summary>Session options, sessions, and options of runs.</summary>
internal sealed unsafe partial class OrtApi
{
    public nint CreateSessionOptions() => Get(OrtFunction.CreateSessionOptions);

    public void SetOptimizedModelFilePath(nint options, string path) => SetPath(OrtFunction.SetOptimizedModelFilePath, options, path);

    public void EnableProfiling(nint options, string prefix) => SetPath(OrtFunction.EnableProfiling, options, prefix);

    public void DisableMemoryPattern(nint options) => Set(OrtFunction.DisableMemPattern, options);

    public void DisableCpuArena(nint options) => Set(OrtFunction.DisableCpuMemArena, options);

    public void SetLogSeverity(nint options, int severity) => Set(OrtFunction.SetSessionLogSeverityLevel, options, severity);

    public void SetOptimizationLevel(nint options, int level) => Set(OrtFunction.SetSessionGraphOptimizationLevel, options, level);

    public void SetIntraOpThreads(nint options, int count) => Set(OrtFunction.SetIntraOpNumThreads, options, count);

    public void SetInterOpThreads(nint options, int count) => Set(OrtFunction.SetInterOpNumThreads, options, count);

    public void AddConfigEntry(nint options, string key, string value)
    {
        using var keyText = NativeText.FromUtf8(key);
        using var valueText = NativeText.FromUtf8(value);
        Check(((delegate* unmanaged<nint, byte*, byte*, nint>)this[OrtFunction.AddSessionConfigEntry])(options, keyText.Pointer, valueText.Pointer));
    }

    /// <summary>Lets a session run on the threads of its environment instead of its own.</summary>
    public void ShareThreads(nint options) => Set(OrtFunction.DisablePerSessionThreads, options);

    public void AddRunConfigEntry(nint runOptions, string key, string value)
    {
        using var keyText = NativeText.FromUtf8(key);
        using var valueText = NativeText.FromUtf8(value);
        Check(((delegate* unmanaged<nint, byte*, byte*, nint>)this[OrtFunction.AddRunConfigEntry])(runOptions, keyText.Pointer, valueText.Pointer));
    }

    public void FixDimension(nint options, string symbol, long value)
    {
        using var text = NativeText.FromUtf8(symbol);
        Check(((delegate* unmanaged<nint, byte*, long, nint>)this[OrtFunction.AddFreeDimensionOverrideByName])(options, text.Pointer, value));
    }

    public nint CreateSession(nint environment, string path, nint options)
    {
        using var text = NativeText.FromPath(path);
        nint session;
        Check(((delegate* unmanaged<nint, void*, nint, nint*, nint>)this[OrtFunction.CreateSession])(environment, text.Pointer, options, &session));
        return session;
    }

    public nint CreateSession(nint environment, ReadOnlySpan<byte> model, nint options)
    {
        nint session;
        fixed (byte* bytes = model)
        {
            Check(((delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)this[OrtFunction.CreateSessionFromArray])(
                environment, bytes, (nuint)model.Length, options, &session));
        }

        return session;
    }

    public int GetInputCount(nint session) => GetCount(OrtFunction.SessionGetInputCount, session);

    public int GetOutputCount(nint session) => GetCount(OrtFunction.SessionGetOutputCount, session);

    public int GetInitializerCount(nint session) => GetCount(OrtFunction.SessionGetOverridableInitializerCount, session);

    public nint GetInputType(nint session, int index) => Get(OrtFunction.SessionGetInputTypeInfo, session, index);

    public nint GetOutputType(nint session, int index) => Get(OrtFunction.SessionGetOutputTypeInfo, session, index);

    public nint GetInitializerType(nint session, int index) => Get(OrtFunction.SessionGetOverridableInitializerTypeInfo, session, index);

    public string GetInputName(nint session, int index) => GetName(OrtFunction.SessionGetInputName, session, index);

    public string GetOutputName(nint session, int index) => GetName(OrtFunction.SessionGetOutputName, session, index);

    public string GetInitializerName(nint session, int index) => GetName(OrtFunction.SessionGetOverridableInitializerName, session, index);

    /// <summary>Writes the profile; returns its path.</summary>
    public string EndProfiling(nint session)
    {
        byte* path;
        Check(((delegate* unmanaged<nint, nint, byte**, nint>)this[OrtFunction.SessionEndProfiling])(session, DefaultAllocator, &path));
        return TakeText(path);
    }

    /// <summary>The name that the lines of the session's log carry.</summary>
    public void SetLogId(nint options, string id)
    {
        using var text = NativeText.FromUtf8(id);
        Check(((delegate* unmanaged<nint, byte*, nint>)this[OrtFunction.SetSessionLogId])(options, text.Pointer));
    }

    public nint CreateRunOptions() => Get(OrtFunction.CreateRunOptions);

    public void SetRunLogSeverity(nint runOptions, int severity) => Set(OrtFunction.RunOptionsSetRunLogSeverityLevel, runOptions, severity);

    /// <summary>Makes the run stop before its next node. For good: run options are for one run.</summary>
    public void Terminate(nint runOptions) => Set(OrtFunction.RunOptionsSetTerminate, runOptions);

    private string GetName(OrtFunction function, nint session, int index)
    {
        byte* name;
        Check(((delegate* unmanaged<nint, nuint, nint, byte**, nint>)this[function])(session, (nuint)index, DefaultAllocator, &name));
        return TakeText(name);
    }
}
