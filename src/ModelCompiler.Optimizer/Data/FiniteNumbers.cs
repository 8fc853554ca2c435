using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Remembers what is not finite among the elements of an array that is read from front to back. It makes every range that is measured behind it, and every agreement
/// and accuracy, a number that means nothing, unless the model itself takes it away: infinity may be what a mask adds to scores, and NaN a value that is missing
/// from a table, which imputers and trees know. Who sees what the model answers to it can tell.
/// </summary>
internal sealed class FiniteNumbers(NpyHeader header, string where)
{
    private long _read;
    private CompilerException? _first;

    /// <summary>What to throw where the model does not answer finitely to the first number that is not finite of those read since the last call; null where all are.</summary>
    public CompilerException? TakeNotFinite()
    {
        CompilerException? first = _first;
        _first = null;
        return first;
    }

    /// <summary>Looks at the next elements.</summary>
    public void Read(ReadOnlySpan<byte> elements)
    {
        switch (header.ElementType)
        {
            case ElementType.Float16: Read<Half>(elements); break;
            case ElementType.Float: Read<float>(elements); break;
            case ElementType.Double: Read<double>(elements); break;
        }
    }

    private void Read<T>(ReadOnlySpan<byte> elements)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(elements);
        for (int i = 0; i < values.Length && _first is null; i++)
            if (!T.IsFinite(values[i])) _first = DiagnosticTable.SampleNotFinite.Error(where, values[i].ToString(null, CultureInfo.InvariantCulture), Index(_read + i));
        _read += values.Length;
    }

    /// <summary>Where an element stands, as NumPy writes it.</summary>
    private string Index(long element)
    {
        var index = new long[header.Shape.Count];
        for (int axis = index.Length - 1; axis >= 0; axis--) (element, index[axis]) = Math.DivRem(element, header.Shape[axis]);
        return $"[{string.Join(", ", index)}]";
    }
}
