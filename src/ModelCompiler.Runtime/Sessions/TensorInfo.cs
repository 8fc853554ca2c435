using System.Globalization;

namespace ModelCompiler.Runtime;

/// <summary>An input or output as the model declares it.</summary>
public sealed record TensorInfo
{
    /// <summary>The name in the graph.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it is a tensor or something that holds tensors.</summary>
    public ValueKind Kind { get; init; } = ValueKind.Tensor;

    /// <summary>The element type of the tensor, or of the tensors within a sequence, optional or map.</summary>
    public required TensorElementType ElementType { get; init; }

    /// <summary>The type of a map's keys; otherwise <see cref="TensorElementType.Undefined"/>.</summary>
    public TensorElementType KeyType { get; init; }

    /// <summary>Dimensions, -1 where they are not fixed; empty for rank 0, null where even the rank is unknown.</summary>
    public required IReadOnlyList<long>? Shape { get; init; }

    /// <summary>For each dimension its symbol, or null; equal symbols mean equal sizes.</summary>
    public IReadOnlyList<string?> Symbols { get; init; } = [];

    /// <summary>Whether each dimension is a number.</summary>
    public bool HasFixedShape => Shape is not null && !Shape.Contains(-1);

    /// <summary>As in <c>float32[batch, 3, ?]</c>.</summary>
    public override string ToString()
    {
        string tensor = ElementType.Name() + ShapeText();
        string value = KeyType == TensorElementType.Undefined ? tensor : $"map({KeyType.Name()}, {tensor})";
        return Kind is ValueKind.Tensor or ValueKind.Map ? value : $"{Kind.ToString().ToLowerInvariant()}({value})";
    }

    private string ShapeText() => Shape is null
        ? "[...]"
        : $"[{string.Join(", ", Shape.Select((size, i) => size >= 0 ? size.ToString(CultureInfo.InvariantCulture) : Symbols.ElementAtOrDefault(i) ?? "?"))}]";
}
