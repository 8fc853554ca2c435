using System.Runtime.InteropServices;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// Names and values of the inputs that have one, side by side, for runs that may leave some out: those with a default in the model, and optionals that hold
/// nothing.
/// </summary>
/// <param name="names">The names of all inputs.</param>
/// <param name="inputs">All inputs.</param>
internal sealed unsafe class GivenInputs(NativeTextArray names, InputSlot[] inputs)
{
    private readonly nint* _values = (nint*)NativeMemory.Alloc((nuint)(2 * inputs.Length), (nuint)sizeof(nint));

    /// <summary>The arrays of a run, without the inputs that have no value.</summary>
    public RunArrays Of(in RunArrays all)
    {
        nint* given = _values + inputs.Length;
        int count = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Value != 0)
            {
                given[count] = (nint)names.Pointers[i];
                _values[count++] = inputs[i].Value;
            }
        }

        return all with { InputNames = (byte**)given, Inputs = _values, InputCount = count };
    }

    public void Free() => NativeMemory.Free(_values);
}
