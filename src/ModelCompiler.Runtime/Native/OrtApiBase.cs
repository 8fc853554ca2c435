namespace ModelCompiler.Runtime.Native;

/// <summary>What <c>OrtGetApiBase</c> returns. Frozen for ever: two function pointers.</summary>
internal readonly unsafe struct OrtApiBase
{
    /// <summary>The function table of an API version, or null where the library does not know it (it then prints to standard error).</summary>
    public readonly delegate* unmanaged<uint, nint*> GetApi;

    /// <summary>The version of the library as UTF-8, such as <c>1.30.0</c>.</summary>
    public readonly delegate* unmanaged<byte*> GetVersionString;
}
