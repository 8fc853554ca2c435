namespace ModelCompiler.Onnx.Inference;

/// <summary>Joins what is known of one value from two sides: what the operator says, and what the file declares.</summary>
internal static class TypeMerge
{
    /// <summary>
    /// What was inferred, and the declaration where that leaves something open. A size that inference can tell from the inputs wins over a declared
    /// number (exporters declare the sizes of their sample) and over a declared name; of sizes without a name the name is kept where <paramref name="keepsNames"/>.
    /// </summary>
    public static OnnxType? Join(OnnxType? inferred, OnnxType? declared, bool keepsNames = false) => (inferred, declared) switch
    {
        (null, _) => declared,
        (_, null) => inferred,
        (TensorType a, TensorType b) => JoinTensors(a, b, keepsNames),
        (SparseTensorType a, SparseTensorType b) => a.Shape is null && a.IsCompatible(b) ? b : a,
        (SequenceType a, SequenceType b) => a with { Element = Join(a.Element, b.Element) },
        (OptionalType a, OptionalType b) => a with { Element = Join(a.Element, b.Element) },
        (MapType a, MapType b) when a.Key == b.Key => a with { Value = Join(a.Value, b.Value) },
        _ => inferred,
    };

    /// <summary>What holds for a value that has one type or the other, as after an If.</summary>
    public static OnnxType? Common(OnnxType? left, OnnxType? right) => (left, right) switch
    {
        (TensorType a, TensorType b) when a.ElementType == b.ElementType => ReferenceEquals(a, b) ? a : new TensorType(a.ElementType, Common(a.Shape, b.Shape)),
        (SequenceType a, SequenceType b) => a.IsEmpty ? b : b.IsEmpty ? a : new SequenceType(CommonElement(a.Element, b.Element)),
        (OptionalType a, OptionalType b) => new OptionalType(CommonElement(a.Element, b.Element)),
        _ => left is not null && left == right ? left : null,
    };

    /// <summary>The shape that both are an instance of.</summary>
    public static Shape? Common(Shape? left, Shape? right)
    {
        if (left is null || right is null || left.Rank != right.Rank) return null;
        var dims = new Dim[left.Rank];
        for (int i = 0; i < dims.Length; i++) dims[i] = left[i].IsSame(right[i]) ? left[i] : Dim.Unknown;
        return new Shape(dims);
    }

    /// <summary>The type with each wholly unknown dimension made one of its own, so that later operators can tell it again.</summary>
    public static OnnxType? Identify(OnnxType? type) => type is TensorType { Shape: { } shape } tensor && HasNameless(shape) ? tensor with { Shape = Identify(shape) } : type;

    /// <summary>The type with dimensions mapped, those of elements of sequences and optionals too.</summary>
    public static OnnxType? Map(OnnxType? type, Func<Dim, Dim> map)
    {
        switch (type)
        {
            case TensorType { Shape: { } shape } tensor:
                Shape mapped = shape;
                for (int i = 0; i < shape.Rank; i++)
                    if (map(shape[i]) is var dim && dim != shape[i]) mapped = mapped.With(i, dim);
                return ReferenceEquals(mapped, shape) ? tensor : tensor with { Shape = mapped };
            case SequenceType sequence:
                return sequence with { Element = Map(sequence.Element, map) };
            case OptionalType optional:
                return optional with { Element = Map(optional.Element, map) };
            default:
                return type;
        }
    }

    // An element type that one side does not know is what the other side says.
    private static OnnxType? CommonElement(OnnxType? left, OnnxType? right) => left is null ? right : right is null ? left : Common(left, right);

    private static TensorType JoinTensors(TensorType inferred, TensorType declared, bool keepsNames)
    {
        ElementType element = inferred.ElementType == ElementType.Undefined ? declared.ElementType : inferred.ElementType;
        Shape? shape = Join(inferred.Shape, declared.Shape, keepsNames);
        string denotation = inferred.Denotation.Length > 0 ? inferred.Denotation : declared.Denotation;
        bool isInferred = element == inferred.ElementType && ReferenceEquals(shape, inferred.Shape) && denotation == inferred.Denotation;
        return isInferred ? inferred : new TensorType(element, shape) { Denotation = denotation };
    }

    private static Shape? Join(Shape? inferred, Shape? declared, bool keepsNames)
    {
        if (inferred is null) return declared;
        if (declared is null || declared.Rank != inferred.Rank) return inferred;
        Shape result = inferred;
        for (int i = 0; i < inferred.Rank; i++)
        {
            Dim dim = Join(inferred[i], declared[i], keepsNames);
            if (dim != inferred[i]) result = result.With(i, dim);
        }
        return result;
    }

    private static Dim Join(Dim inferred, Dim declared, bool keepsNames)
    {
        bool prefersDeclared = inferred.Size.IsUnknown || keepsNames && inferred.IsUnknown && declared.Symbol is not null;
        return prefersDeclared ? declared : inferred;
    }

    private static bool HasNameless(Shape shape)
    {
        foreach (Dim dim in shape.Dims)
            if (dim.Size.IsUnknown) return true;
        return false;
    }

    private static Shape Identify(Shape shape)
    {
        var dims = new Dim[shape.Rank];
        for (int i = 0; i < dims.Length; i++) dims[i] = shape[i].Size.IsUnknown ? Dim.Fresh() : shape[i];
        return new Shape(dims);
    }
}
