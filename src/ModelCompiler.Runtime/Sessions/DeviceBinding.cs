using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// A run whose outputs, or some of them, stay in the memory of a device: ONNX Runtime's I/O binding. Without one it copies every output back to the host.
/// </summary>
internal sealed unsafe class DeviceBinding : IDisposable
{
    private readonly NativeEnvironment _environment;
    private readonly OrtHandle _binding;

    /// <param name="environment">The library.</param>
    /// <param name="session">The session, which the binding keeps open.</param>
    public DeviceBinding(NativeEnvironment environment, OrtHandle session)
    {
        _environment = environment;
        _binding = new OrtHandle(environment.Api, environment.Api.CreateBinding(session.Value), OrtFunction.ReleaseIoBinding, session);
    }

    /// <summary>Runs; outputs are written into the values that are given, and where there is none, one is made and given back in its place.</summary>
    /// <param name="session">The session.</param>
    /// <param name="runOptions">Options of the run, or 0.</param>
    /// <param name="arrays">Names and values.</param>
    /// <param name="memory">For each output the memory in which one is made; 0 for the host's.</param>
    /// <returns>The status, unchecked.</returns>
    public nint Run(nint session, nint runOptions, in RunArrays arrays, ReadOnlySpan<nint> memory)
    {
        var api = _environment.Api;
        api.ClearBinding(_binding.Value);
        for (int i = 0; i < arrays.InputCount; i++)
        {
            api.BindInput(_binding.Value, arrays.InputNames[i], arrays.Inputs[i]);
        }

        for (int i = 0; i < arrays.OutputCount; i++)
        {
            if (arrays.Outputs[i] != 0)
            {
                api.BindOutput(_binding.Value, arrays.OutputNames[i], arrays.Outputs[i]);
            }
            else
            {
                api.BindOutputToMemory(_binding.Value, arrays.OutputNames[i], memory[i] != 0 ? memory[i] : _environment.CpuMemory.Value);
            }
        }

        nint status = api.RunWithBinding(session, runOptions, _binding.Value);
        if (status == 0)
        {
            Take(arrays);
        }

        return status;
    }

    public void Dispose() => _binding.Dispose();

    private void Take(in RunArrays arrays)
    {
        Span<nint> values = stackalloc nint[arrays.OutputCount];
        _environment.Api.TakeBoundOutputs(_binding.Value, values);
        for (int i = 0; i < values.Length; i++)
        {
            if (arrays.Outputs[i] == 0)
            {
                arrays.Outputs[i] = values[i];
            }
            else
            {
                // A second handle of a value that its owner has.
                _environment.Api.Release(OrtFunction.ReleaseValue, values[i]);
            }
        }
    }
}
