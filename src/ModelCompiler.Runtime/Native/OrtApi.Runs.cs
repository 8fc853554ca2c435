using System.Runtime.CompilerServices;

namespace ModelCompiler.Runtime.Native;

/// <summary>
/// Runs: the only way to the functions that compute, so that each enters the library with clean registers (<see cref="VectorState"/>). What clears them
/// and what calls are methods by themselves: between them nothing uses wide ones.
/// </summary>
internal sealed unsafe partial class OrtApi
{
    /// <summary>Runs. An output that is 0 is allocated by the library; one that is not is written in place.</summary>
    /// <returns>The status, unchecked: the caller knows whether the run was cancelled.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public nint Run(nint session, nint runOptions, in RunArrays arrays)
    {
        VectorState.Clear(out _);
        return RunClean(session, runOptions, arrays);
    }

    /// <summary>Runs on what is bound.</summary>
    /// <returns>The status, unchecked: the caller knows whether the run was cancelled.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public nint RunWithBinding(nint session, nint runOptions, nint binding)
    {
        VectorState.Clear(out _);
        return RunBoundClean(session, runOptions, binding);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint RunClean(nint session, nint runOptions, in RunArrays arrays) => _run(
        session, runOptions, arrays.InputNames, arrays.Inputs, (nuint)arrays.InputCount, arrays.OutputNames, (nuint)arrays.OutputCount, arrays.Outputs);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint RunBoundClean(nint session, nint runOptions, nint binding) =>
        ((delegate* unmanaged<nint, nint, nint, nint>)this[OrtFunction.RunWithBinding])(session, runOptions, binding);
}
