namespace ModelCompiler.Onnx;

/// <summary>The type of a value: tensor, sparse tensor, sequence, optional, map or an opaque one that is passed through.</summary>
public abstract record OnnxType
{
    private protected OnnxType() { }

    /// <summary>What the type denotes (<c>TypeProto.denotation</c>), or empty.</summary>
    public string Denotation { get; init; } = "";

    /// <summary>Whether one value can have both types; what is unknown is compatible with anything.</summary>
    public abstract bool IsCompatible(OnnxType other);
}

/// <summary>A dense tensor. <paramref name="Shape"/> is null where not even the rank is known.</summary>
public sealed record TensorType(ElementType ElementType, Shape? Shape) : OnnxType
{
    /// <inheritdoc/>
    public override bool IsCompatible(OnnxType other) => other is TensorType tensor
        && (tensor.ElementType == ElementType || tensor.ElementType == ElementType.Undefined || ElementType == ElementType.Undefined)
        && (tensor.Shape is null || Shape is null || Shape.IsCompatible(tensor.Shape));

    /// <inheritdoc/>
    public override string ToString() => ElementType + (Shape?.ToString() ?? "[...]");
}

/// <summary>A sparse tensor.</summary>
public sealed record SparseTensorType(ElementType ElementType, Shape? Shape) : OnnxType
{
    /// <inheritdoc/>
    public override bool IsCompatible(OnnxType other) => other is SparseTensorType tensor
        && tensor.ElementType == ElementType && (tensor.Shape is null || Shape is null || Shape.IsCompatible(tensor.Shape));
}

/// <summary>A sequence of values of one type.</summary>
public sealed record SequenceType(OnnxType? Element) : OnnxType
{
    /// <summary>Whether inference knows that there are no elements yet, so that the first one decides their shape.</summary>
    internal bool IsEmpty { get; init; }

    /// <inheritdoc/>
    public override bool IsCompatible(OnnxType other) => other is SequenceType sequence
        && (Element is null || sequence.Element is null || Element.IsCompatible(sequence.Element));
}

/// <summary>A value that may be absent.</summary>
public sealed record OptionalType(OnnxType? Element) : OnnxType
{
    /// <inheritdoc/>
    public override bool IsCompatible(OnnxType other) => other is OptionalType optional
        && (Element is null || optional.Element is null || Element.IsCompatible(optional.Element));
}

/// <summary>A map from scalars (integers or strings) to values of one type.</summary>
public sealed record MapType(ElementType Key, OnnxType? Value) : OnnxType
{
    /// <inheritdoc/>
    public override bool IsCompatible(OnnxType other) => other is MapType map && map.Key == Key
        && (Value is null || map.Value is null || Value.IsCompatible(map.Value));
}

/// <summary>A type that this compiler does not know; it passes through as it was read.</summary>
public sealed record OpaqueType : OnnxType
{
    /// <summary>The serialized <c>TypeProto</c>.</summary>
    public ReadOnlyMemory<byte> Encoded { get; init; }

    /// <inheritdoc/>
    public override bool IsCompatible(OnnxType other) => true;

    /// <summary>Whether both are the same bytes.</summary>
    public bool Equals(OpaqueType? other) => other is not null && Encoded.Span.SequenceEqual(other.Encoded.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => Encoded.Length;
}
