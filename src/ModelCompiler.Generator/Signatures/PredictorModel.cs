using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>
/// All that a predictor's source is made of. Equal for equal manifests, so that the compiler need not emit again;
/// every text outside of the manifest is safe to write.
/// </summary>
internal sealed record PredictorModel
{
    private const string Suffix = "Predictor";

    /// <summary>Beyond that, copying a value costs more than an object.</summary>
    private const long MaxInlineBytes = 1024;

    /// <summary>Empty for the global namespace.</summary>
    public required string Namespace { get; init; }

    public required string ClassName { get; init; }

    public required bool IsPublic { get; init; }

    /// <summary>What the predictor is made from.</summary>
    public required ModelManifest Manifest { get; init; }

    public required EquatableArray<TensorMember> Inputs { get; init; }

    public required EquatableArray<TensorMember> Outputs { get; init; }

    /// <summary>Sizes that the caller gives because the model leaves them open.</summary>
    public required EquatableArray<SizeParameter> Sizes { get; init; }

    /// <summary>Whether the one open size is that of the batch, so that a call for a single sample needs none.</summary>
    public required bool HasBatch { get; init; }

    /// <summary>Whether samples of several calls can share a run.</summary>
    public required bool CanBatch { get; init; }

    /// <summary>Whether the program has tensors that bring their shapes.</summary>
    public bool KnowsTensors { get; init; }

    public string OutputName => TypeName(ClassName, "Output");

    public string InputName => TypeName(ClassName, "Input");

    public string RequestName => TypeName(ClassName, "Request");

    public string StreamName => TypeName(ClassName, "Stream");

    public string ServicesName => ClassName.TrimStart('@') + "Services";

    /// <summary>Every type that is emitted, beside the predictor.</summary>
    public IEnumerable<string> OtherTypes => [OutputName, InputName, RequestName, StreamName, ServicesName];

    /// <summary>Names that no member may have, because the type around it has them.</summary>
    public static string[] TypeNames(string className) =>
        [className, TypeName(className, "Output"), TypeName(className, "Input"), TypeName(className, "Request"), TypeName(className, "Stream")];

    public bool HasState => Inputs.Any(input => input.IsState);

    /// <summary>The inputs that callers give, with their indices.</summary>
    public IEnumerable<(TensorMember Member, int Index)> GivenInputs => Numbered(Inputs).Where(input => !input.Member.IsState);

    /// <summary>The inputs that callers must give, with their indices.</summary>
    public IEnumerable<(TensorMember Member, int Index)> RequiredInputs => GivenInputs.Where(input => !input.Member.HasDefault);

    /// <summary>The inputs that callers may leave to the model's own value, with their indices.</summary>
    public IEnumerable<(TensorMember Member, int Index)> DefaultedInputs => GivenInputs.Where(input => input.Member.HasDefault);

    /// <summary>The outputs that callers get, with their indices.</summary>
    public IEnumerable<(TensorMember Member, int Index)> ShownOutputs => Numbered(Outputs).Where(output => !output.Member.IsState);

    /// <summary>Sizes that may differ from call to call.</summary>
    public IEnumerable<SizeParameter> CallSizes => Sizes.Where(size => !size.IsOfStream);

    /// <summary>Sizes that a request needs: those of inputs whose memory it shows.</summary>
    public IEnumerable<SizeParameter> RequestSizes => Sizes.Where(size => Inputs.Any(input => input.IsInPlace && input.Sizes.Contains(size.Name)));

    /// <summary>
    /// Whether <c>Predict</c> finds the sizes itself: those of a stream's calls, of the one sample beside a picture, and where inputs are but rows of
    /// elements, as sounds and words are, of which nobody would give one alone.
    /// </summary>
    public bool FindsSizes => HasState ? IsInferable : HasBatch && (Inputs.Any(input => input.IsImage) || Inputs.Where(input => input.Sizes.Any()).All(input => input.Dimensions is { Count: 1 }));

    /// <summary>Whether the numbers of elements tell all sizes: no input leaves more than one open.</summary>
    public bool IsInferable => GivenInputs.All(input => input.Member.Dimensions is not null && OpenSizes(input.Member) <= 1);

    /// <summary>Whether some shapes can come with tensors, and no other is left open.</summary>
    public bool TakesTensors => KnowsTensors && GivenInputs.Any(input => input.Member.IsOpen) && GivenInputs.All(input => !input.Member.IsOpen || input.Member.IsInPlace);

    /// <summary>Whether all outputs can go into memory of the caller, who can tell how much they take.</summary>
    public bool HasSizedOutputs => ShownOutputs.Any() && ShownOutputs.All(output =>
        output.Member.IsInPlace && output.Member.Dimensions is { } shape && shape.All(dimension => dimension.Value is not null || dimension.Size is not null));

    /// <summary>Whether what a call gives is a value that holds its elements: then the call allocates nothing.</summary>
    public bool IsInline => (!CanBatch || Manifest.Batch.Size == 1) && ShownOutputs.Any() && ShownOutputs.All(output => InlineBytes(output.Member) > 0)
        && ShownOutputs.Sum(output => InlineBytes(output.Member)) <= MaxInlineBytes;

    public string FullName => Qualified(ClassName);

    /// <summary>File name of the source; a backslash of an escaped letter would be a directory.</summary>
    public string HintName => FullName.Replace('\\', '_').Replace("@", "") + ".g.cs";

    public string Qualified(string name) => Namespace.Length == 0 ? name : Namespace + "." + name;

    /// <summary><c>DigitsOutput</c> beside <c>DigitsPredictor</c>.</summary>
    private static string TypeName(string className, string end)
    {
        bool isUsual = className.Length > Suffix.Length && className.EndsWith(Suffix, StringComparison.Ordinal);
        return (isUsual ? className.Substring(0, className.Length - Suffix.Length) : className.TrimStart('@')) + end;
    }

    /// <summary>The bytes of an output whose shape is fixed; 0 for another, and too many where they cannot be counted.</summary>
    private static long InlineBytes(TensorMember output)
    {
        if (!output.IsInPlace || output.Dimensions is not { } shape || shape.Any(dimension => dimension.Value is null or 0))
        {
            return 0;
        }

        long bytes = ElementTypeNames.ByteSize(output.Value.ElementType);
        return shape.Aggregate(bytes, (product, dimension) => product > MaxInlineBytes ? product : product * Math.Min(dimension.Value!.Value, MaxInlineBytes + 1));
    }

    private int OpenSizes(TensorMember input) => input.Sizes.Count(name => CallSizes.Any(size => size.Name == name));

    private static IEnumerable<(TensorMember Member, int Index)> Numbered(EquatableArray<TensorMember> members) => members.Select((member, index) => (member, index));
}
