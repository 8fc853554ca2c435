using System.Runtime.InteropServices;
using ModelCompiler.Runtime;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Benchmarks;

/// <summary>ONNX Runtime's <c>Run</c> with everything in place and nothing around it: what no runtime can go below.</summary>
internal sealed unsafe class BareRun : IDisposable
{
    private readonly OrtApi _api;
    private readonly InferenceSession _session;
    private readonly NativeTextArray _inputNames;
    private readonly NativeTextArray _outputNames;
    private readonly nint* _values;
    private readonly RunArrays _arrays;
    private readonly NativeBuffer[] _memory = new NativeBuffer[2];

    /// <param name="session">A session of one input and one output of floats, both of this shape.</param>
    /// <param name="shape">The shape.</param>
    public BareRun(InferenceSession session, params ReadOnlySpan<long> shape)
    {
        _session = session;
        _api = session.Environment.Api;
        _inputNames = new NativeTextArray([session.Inputs[0].Name]);
        _outputNames = new NativeTextArray([session.Outputs[0].Name]);
        _values = (nint*)NativeMemory.AllocZeroed(2, (nuint)sizeof(nint));
        nuint bytes = (nuint)(sizeof(float) * TensorShape.Count(shape));
        for (int i = 0; i < _memory.Length; i++)
        {
            _memory[i].Ensure(bytes);
            _values[i] = _api.CreateTensor(session.Environment.CpuMemory.Value, _memory[i].Pointer, bytes, shape, TensorElementType.Float32);
        }

        _arrays = new RunArrays
        {
            InputNames = _inputNames.Pointers,
            Inputs = _values,
            InputCount = 1,
            OutputNames = _outputNames.Pointers,
            Outputs = _values + 1,
            OutputCount = 1,
        };
    }

    public void Run() => _api.Check(_api.Run(_session.Handle.Value, 0, _arrays));

    public void Dispose()
    {
        _api.Release(OrtFunction.ReleaseValue, _values[0]);
        _api.Release(OrtFunction.ReleaseValue, _values[1]);
        _memory[0].Free();
        _memory[1].Free();
        NativeMemory.Free(_values);
        _inputNames.Dispose();
        _outputNames.Dispose();
    }
}
