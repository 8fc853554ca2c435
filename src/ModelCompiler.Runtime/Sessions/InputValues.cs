using System.Buffers;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>Values of the library over the inputs of one run, whose memory is pinned until it is over.</summary>
internal sealed unsafe class InputValues : IDisposable
{
    private readonly NativeEnvironment _environment;
    private readonly List<OrtHandle> _owned = [];
    private readonly List<MemoryHandle> _pins = [];

    public InputValues(NativeEnvironment environment, IReadOnlyList<(string Name, ModelValue Value)> inputs)
    {
        _environment = environment;
        Pointers = new nint[inputs.Count];
        try
        {
            for (int i = 0; i < inputs.Count; i++)
            {
                Pointers[i] = Create(inputs[i].Name, inputs[i].Value);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A value for each input, in order.</summary>
    public nint[] Pointers { get; }

    public void Dispose()
    {
        _owned.ForEach(value => value.Dispose());
        _pins.ForEach(pin => pin.Dispose());
    }

    private nint Create(string name, ModelValue value) => value switch
    {
        ModelValue.Tensor { Buffer: var buffer } => buffer.ElementType == TensorElementType.String ? CreateStrings(buffer) : CreateTensor(buffer),
        ModelValue.Sequence { Items: var items } => Own(_environment.Api.CreateComposite([.. items.Select(item => Create(name, item))], ValueKind.Sequence)),
        ModelValue.Map { Keys: var keys, Values: var values } => Own(_environment.Api.CreateComposite([Create(name, keys), Create(name, values)], ValueKind.Map)),
        _ => throw new TensorMismatchException(TensorCheck.Input, name, "a value", "an optional that holds nothing: leave the input out"),
    };

    private nint CreateTensor(TensorBuffer buffer)
    {
        var pin = buffer.Memory.Pin();
        _pins.Add(pin);
        return Own(_environment.Api.CreateTensor(
            _environment.CpuMemory.Value, pin.Pointer, (nuint)buffer.Memory.Length, buffer.Shape, buffer.ElementType));
    }

    private nint CreateStrings(TensorBuffer buffer)
    {
        nint tensor = Own(_environment.Api.CreateTensor(buffer.Shape, TensorElementType.String));
        for (int i = 0; i < buffer.Strings.Length; i++)
        {
            _environment.Api.SetString(tensor, i, buffer.Strings[i]);
        }

        return tensor;
    }

    private nint Own(nint value)
    {
        _owned.Add(new OrtHandle(_environment.Api, value, OrtFunction.ReleaseValue));
        return value;
    }
}
