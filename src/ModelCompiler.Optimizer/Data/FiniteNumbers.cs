using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ModelCompiler.Diagnostics;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Data;

/// <summary>
/// Refuses NaN among the elements of an array that is read from front to back: it makes every range that is measured behind it, and every agreement
/// and accuracy, a number that means nothing. Infinity may be what a mask adds to scores: it is remembered, for who sees what the model answers to it.
/// </summary>
internal sealed class FiniteNumbers(NpyHeader header, string where)
{
    private long _read;
    private CompilerException? _infinity;

    /// <summary>What to throw where the model does not answer finitely to an infinity that was read since the last call; null where none was.</summary>
    public CompilerException? TakeInfinity()
    {
        CompilerException? infinity = _infinity;
        _infinity = null;
        return infinity;
    }

    /// <summary>Looks at the next elements.</summary>
    /// <exception cref="CompilerException">One is NaN.</exception>
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
        {
            if (T.IsFinite(values[i]) || (_infinity is not null && !T.IsNaN(values[i]))) continue;
            CompilerException error = DiagnosticTable.SampleNotFinite.Error(where, values[i].ToString(null, CultureInfo.InvariantCulture), Index(_read + i));
            if (T.IsNaN(values[i])) throw error;
            _infinity = error;
        }
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
