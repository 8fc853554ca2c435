using System.Numerics;
using System.Runtime.InteropServices;
using ModelCompiler.Onnx;

namespace ModelCompiler.Optimizer.Passes.Fusion.Matching;

/// <summary>Constants wherever exporters put them: initializers of this graph or one around it, Constant nodes, either handed on by Identity.</summary>
internal static class Constants
{
    /// <summary>The constant that a value is, or null.</summary>
    public static Tensor? Of(Value? value)
    {
        while (value?.Producer is { } identity && identity.Is("Identity")) value = identity.Input(0);
        if (value is null) return null;
        return value.Initializer ?? (value.Producer is { } node && node.Is("Constant") ? OfNode(node) : null);
    }

    /// <summary>Whether a value is a constant.</summary>
    public static bool IsConstant(Value? value) => Of(value) is not null;

    /// <summary>The elements of a constant of float16, float32 or float64; null for anything else.</summary>
    public static double[]? Numbers(Value? value) => Of(value) is { } tensor ? Numbers(tensor) : null;

    /// <inheritdoc cref="Numbers(Value?)"/>
    public static double[]? Numbers(Tensor tensor) => tensor.ElementType switch
    {
        ElementType.Float => Widen<float>(tensor),
        ElementType.Double => tensor.AsSpan<double>().ToArray(),
        ElementType.Float16 => Widen<Half>(tensor),
        _ => null,
    };

    /// <summary>The number that a floating-point constant of one element is, whatever its rank; else null.</summary>
    public static double? Number(Value? value) => Of(value) is { ElementCount: 1 } tensor && Numbers(tensor) is [var number] ? number : null;

    /// <summary>The elements of a constant of int64 or int32; null for anything else.</summary>
    public static long[]? Integers(Value? value) => Of(value) switch
    {
        { ElementType: ElementType.Int64 } tensor => tensor.AsSpan<long>().ToArray(),
        { ElementType: ElementType.Int32 } tensor => Array.ConvertAll(tensor.AsSpan<int>().ToArray(), i => (long)i),
        _ => null,
    };

    /// <summary>A tensor of numbers rounded to <paramref name="type"/>; null where a number is not finite in it.</summary>
    public static Tensor? Rounded(ElementType type, ReadOnlySpan<double> numbers, params ReadOnlySpan<long> dims) => type switch
    {
        ElementType.Float => Narrow<float>(numbers, dims),
        ElementType.Double => Narrow<double>(numbers, dims),
        ElementType.Float16 => Narrow<Half>(numbers, dims),
        _ => null,
    };

    private static Tensor? OfNode(Node node)
    {
        if (node.Attributes.Count != 1) return null;
        NodeAttribute attribute = node.Attributes.First();
        if (attribute.Reference is not null) return null;
        return attribute.Name switch
        {
            "value" => attribute.Tensor,
            "value_float" => Tensor.Scalar(attribute.Float),
            "value_floats" => Tensor.Vector(attribute.Floats),
            "value_int" => Tensor.Scalar(attribute.Int),
            "value_ints" => Tensor.Vector(attribute.Ints),
            _ => null,
        };
    }

    private static double[] Widen<T>(Tensor tensor) where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> values = tensor.AsSpan<T>();
        var result = new double[values.Length];
        for (int i = 0; i < result.Length; i++) result[i] = double.CreateTruncating(values[i]);
        return result;
    }

    private static Tensor? Narrow<T>(ReadOnlySpan<double> numbers, ReadOnlySpan<long> dims) where T : unmanaged, IFloatingPoint<T>
    {
        var bytes = new byte[numbers.Length * Marshal.SizeOf<T>()];
        Span<T> values = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = T.CreateTruncating(numbers[i]);
            if (!T.IsFinite(values[i])) return null;
        }
        return new Tensor(ElementTypes.Of<T>(), dims, bytes);
    }
}
