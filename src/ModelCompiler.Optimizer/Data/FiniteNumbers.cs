using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Refuses NaN and infinity among the elements of an array that is read from front to back: one of them makes every range that is measured
/// behind it, and every agreement and accuracy, a number that means nothing.
/// </summary>
internal sealed class FiniteNumbers(NpyHeader header, string where)
{
    private long _read;

    /// <summary>Looks at the next elements.</summary>
    /// <exception cref="CompilerException">One is not finite.</exception>
    public void Require(ReadOnlySpan<byte> elements)
    {
        switch (header.ElementType)
        {
            case ElementType.Float16: Require<Half>(elements); break;
            case ElementType.Float: Require<float>(elements); break;
            case ElementType.Double: Require<double>(elements); break;
        }
    }

    private void Require<T>(ReadOnlySpan<byte> elements)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(elements);
        for (int i = 0; i < values.Length; i++)
            if (!T.IsFinite(values[i])) throw DiagnosticTable.SampleNotFinite.Error(where, values[i].ToString(null, CultureInfo.InvariantCulture), Index(_read + i));
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
