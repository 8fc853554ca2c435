using System.Reflection;
using ModelCompiler.Manifests;
using ModelCompiler.Runtime;

namespace ModelCompiler.Generator.Tests.Emission;

/// <summary>Fills the generated struct of a signature's inputs: open sizes are 1, elements are zero or empty.</summary>
internal static class SampleInput
{
    public static object Create(Type type, ModelManifest manifest)
    {
        object input = Activator.CreateInstance(type)!;
        var given = manifest.Inputs.Where(value => value.State is null).GetEnumerator();
        foreach (var property in type.GetProperties())
        {
            bool isShape = property.Name.EndsWith("Shape", StringComparison.Ordinal) && property.PropertyType == typeof(ReadOnlyMemory<long>);
            // Sizes come after the inputs.
            object? value = isShape ? (ReadOnlyMemory<long>)new long[] { 1 } : given.MoveNext() ? Of(property.PropertyType, given.Current) : 1;
            property.SetValue(input, value);
        }

        return input;
    }

    private static object? Of(Type type, ManifestValue value)
    {
        if (type == typeof(ImagePixels))
        {
            return new ImagePixels(new byte[3 * 4 * 2], 4, 2);
        }

        long[] shape = [.. (value.Shape ?? new EquatableArray<ManifestDimension>([ManifestDimension.Fixed(1)])).Select(dimension => dimension.Value ?? 1)];
        return value.Kind switch
        {
            _ when value.HasDefault => null,
            ManifestValueKind.Tensor when type == typeof(string) => "",
            ManifestValueKind.Tensor => type.IsGenericType ? Make(nameof(Memory), type.GenericTypeArguments[0], shape) : Activator.CreateInstance(type),
            ManifestValueKind.Sequence => Make(nameof(Sequence), type.GenericTypeArguments[0].GenericTypeArguments[0], shape),
            _ => null,
        };
    }

    private static object Make(string method, Type element, long[] shape) =>
        typeof(SampleInput).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(element).Invoke(null, [shape])!;

    private static ReadOnlyMemory<T> Memory<T>(long[] shape)
    {
        var elements = new T[shape.Aggregate(1L, (count, size) => count * size)];
        Array.Fill(elements, typeof(T) == typeof(string) ? (T)(object)"" : default!);
        return elements;
    }

    private static IReadOnlyList<PredictionTensor<T>> Sequence<T>(long[] shape) => [new PredictionTensor<T>(Memory<T>(shape).ToArray(), shape)];
}
