using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime;

/// <summary>The values of a run side by side, as the library takes them: those of the inputs, then those of the outputs. Slots write theirs in place.</summary>
/// <param name="inputs">The number of inputs.</param>
/// <param name="outputs">The number of outputs.</param>
internal sealed unsafe class RunValues(int inputs, int outputs)
{
    // Not empty, even without inputs and outputs: null means freed.
    private nint* _values = (nint*)NativeMemory.AllocZeroed((nuint)(inputs + outputs + 1), (nuint)sizeof(nint));

    public nint* Inputs => _values;

    public nint* Outputs => _values + inputs;

    public bool IsFreed => _values is null;

    /// <summary>The first input without a value, or -1.</summary>
    public int FirstWithout()
    {
        for (int i = 0; i < inputs; i++)
        {
            if (_values[i] == 0)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Sets the value of an input, unless all is over: another run may still lend its outputs.</summary>
    public void SetInput(int index, nint value) => Set(index, value);

    /// <summary>Sets the value of an output; 0 asks the library to make one.</summary>
    public void SetOutput(int index, nint value) => Set(inputs + index, value);

    public void Free()
    {
        NativeMemory.Free(_values);
        _values = null;
    }

    private void Set(int place, nint value)
    {
        if (_values is not null)
        {
            _values[place] = value;
        }
    }
}
