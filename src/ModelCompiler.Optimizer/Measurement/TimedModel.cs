using System.Numerics;
using System.Runtime.InteropServices;
using ModelCompiler.Runtime;

namespace ModelCompiler.Optimizer.Measurement;

/// <summary>A session with inputs in place, so that a run that is timed does nothing but run.</summary>
internal sealed class TimedModel : IDisposable
{
    private readonly PreparedRun _run;

    public TimedModel(InferenceSession session, IReadOnlyList<(string Name, TensorBuffer Value)> inputs)
    {
        _run = new PreparedRun(session);
        try
        {
            for (int i = 0; i < _run.Inputs.Count; i++) Set(i, inputs.First(input => input.Name == _run.Inputs[i].Name).Value);
        }
        catch
        {
            _run.Dispose();
            throw;
        }
    }

    public void Run() => _run.Run();

    public void Dispose() => _run.Dispose();

    private void Set(int index, TensorBuffer value)
    {
        switch (value.ElementType)
        {
            case TensorElementType.String: _run.SetInput(index, value.Strings, value.Shape); break;
            case TensorElementType.Float32: Set<float>(index, value); break;
            case TensorElementType.Float64: Set<double>(index, value); break;
            case TensorElementType.Float16: Set<Half>(index, value); break;
            case TensorElementType.BFloat16: Set<BFloat16>(index, value); break;
            case TensorElementType.Bool: Set<bool>(index, value); break;
            case TensorElementType.Int8: Set<sbyte>(index, value); break;
            case TensorElementType.Int16: Set<short>(index, value); break;
            case TensorElementType.UInt16: Set<ushort>(index, value); break;
            case TensorElementType.Int32: Set<int>(index, value); break;
            case TensorElementType.UInt32: Set<uint>(index, value); break;
            case TensorElementType.Int64: Set<long>(index, value); break;
            case TensorElementType.UInt64: Set<ulong>(index, value); break;
            case TensorElementType.Complex128: Set<Complex>(index, value); break;
            // Types that no .NET type holds go by their bytes.
            default: Set<byte>(index, value); break;
        }
    }

    private void Set<T>(int index, TensorBuffer value)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(value.Bytes).CopyTo(_run.ResizeInput<T>(index, value.Shape));
}
