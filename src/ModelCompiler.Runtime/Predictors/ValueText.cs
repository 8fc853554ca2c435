using System.Globalization;

namespace ModelCompiler.Runtime;

/// <summary>Sequences, maps and optionals for people, as generated outputs show them: the first items of each.</summary>
public static class ValueText
{
    private const int Shown = 8;

    /// <summary>As in <c>{ setosa: 0.97, virginica: 0.03 }</c>.</summary>
    public static string Of<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> map)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(map);
        return "{ " + Join(map.Take(Shown).Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key}: {entry.Value}")), map.Count) + " }";
    }

    /// <summary>As in <c>[{ 0: 0.25, 1: 0.75 }]</c>.</summary>
    public static string Of<TKey, TValue>(IReadOnlyList<IReadOnlyDictionary<TKey, TValue>> maps)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(maps);
        return "[" + Join(maps.Take(Shown).Select(Of), maps.Count) + "]";
    }

    /// <summary>As in <c>[float32[2] { 1, 2 }, float32[1] { 3 }]</c>, or <c>nothing</c>.</summary>
    public static string Of<T>(IReadOnlyList<PredictionTensor<T>>? tensors) =>
        tensors is null ? "nothing" : "[" + Join(tensors.Take(Shown).Select(tensor => tensor.ToString()), tensors.Count) + "]";

    /// <summary>The tensor, or <c>nothing</c>.</summary>
    public static string Of<T>(PredictionTensor<T>? tensor) => tensor?.ToString() ?? "nothing";

    private static string Join(IEnumerable<string> items, int count) => string.Join(", ", count > Shown ? items.Append("…") : items);
}
