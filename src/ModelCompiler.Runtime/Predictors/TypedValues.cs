using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelCompiler.Runtime;

/// <summary>Sequences, maps and optionals as the collections of .NET that generated code shows, and back.</summary>
internal static class TypedValues
{
    public static ModelValue FromSequence<T>(IReadOnlyList<PredictionTensor<T>> tensors) =>
        new ModelValue.Sequence([.. tensors.Select(tensor => new ModelValue.Tensor(Buffer<T>(tensor.Span, tensor.Shape)))]);

    public static ModelValue FromMap<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> map)
        where TKey : notnull =>
        new ModelValue.Map(Buffer<TKey>([.. map.Keys], [map.Count]), Buffer<TValue>([.. map.Values], [map.Count]));

    public static ModelValue FromMaps<TKey, TValue>(IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> maps)
        where TKey : notnull => new ModelValue.Sequence([.. maps.Select(FromMap)]);

    public static ModelValue FromOptional<T>(PredictionTensor<T>? tensor) =>
        tensor is null ? new ModelValue.None() : new ModelValue.Tensor(Buffer<T>(tensor.Span, tensor.Shape));

    public static ModelValue FromOptionalSequence<T>(IReadOnlyList<PredictionTensor<T>>? tensors) => tensors is null ? new ModelValue.None() : FromSequence(tensors);

    public static IReadOnlyList<PredictionTensor<T>> ToSequence<T>(ModelValue value) =>
        [.. ((ModelValue.Sequence)value).Items.Select(item => Tensor<T>(item.AsTensor()))];

    public static IReadOnlyDictionary<TKey, TValue> ToMap<TKey, TValue>(ModelValue value)
        where TKey : notnull
    {
        var map = (ModelValue.Map)value;
        return Elements<TKey>(map.Keys).Zip(Elements<TValue>(map.Values)).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    public static IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> ToMaps<TKey, TValue>(ModelValue value)
        where TKey : notnull => [.. ((ModelValue.Sequence)value).Items.Select(ToMap<TKey, TValue>)];

    public static PredictionTensor<T>? ToOptional<T>(ModelValue value) => value is ModelValue.None ? null : Tensor<T>(value.AsTensor());

    public static IReadOnlyList<PredictionTensor<T>>? ToOptionalSequence<T>(ModelValue value) => value is ModelValue.None ? null : ToSequence<T>(value);

    private static PredictionTensor<T> Tensor<T>(TensorBuffer buffer) => new(Elements<T>(buffer), buffer.Shape);

    private static TensorBuffer Buffer<T>(ReadOnlySpan<T> elements, ReadOnlySpan<long> shape) => typeof(T) == typeof(string)
        ? TensorBuffer.Create(shape, (string[])(object)elements.ToArray())
        : TensorBuffer.Create(ElementTypes.Of<T>(), shape, Bytes(elements).ToArray());

    private static T[] Elements<T>(TensorBuffer buffer)
    {
        if (typeof(T) == typeof(string))
        {
            return (T[])(object)buffer.Strings;
        }

        var elements = new T[buffer.Length];
        buffer.Bytes.CopyTo(Bytes<T>(elements));
        return elements;
    }

    /// <summary>The types of elements hold no references but the string, of which this is not asked; a constraint would bar it everywhere.</summary>
    private static Span<byte> Bytes<T>(ReadOnlySpan<T> elements) => MemoryMarshal.CreateSpan(
        ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(elements)), checked(elements.Length * Unsafe.SizeOf<T>()));
}
