using ModelCompiler.Manifests;

namespace ModelCompiler.Generator.Signatures;

/// <summary>
/// All that a predictor's source is made of. Equal for equal manifests, so that the compiler need not emit again;
/// every text outside of the manifest is safe to write.
/// </summary>
internal sealed record PredictorModel
{
    private const string Suffix = "Predictor";

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

    public string ResultName => TypeName("Result");

    public string InputName => TypeName("Input");

    public string RequestName => TypeName("Request");

    public string StreamName => TypeName("Stream");

    public string ServicesName => ClassName.TrimStart('@') + "Services";

    /// <summary>Every type that is emitted, beside the predictor.</summary>
    public IEnumerable<string> OtherTypes => [ResultName, InputName, RequestName, StreamName, ServicesName];

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

    /// <summary>Whether <c>Predict</c> finds the sizes itself: those of a stream's calls, and of the one sample beside a picture.</summary>
    public bool FindsSizes => HasState ? IsInferable : HasBatch && Inputs.Any(input => input.IsImage);

    /// <summary>Whether the numbers of elements tell all sizes: no input leaves more than one open.</summary>
    public bool IsInferable => GivenInputs.All(input => input.Member.Dimensions is not null && OpenSizes(input.Member) <= 1);

    /// <summary>Whether all outputs can go into memory of the caller, who can tell how much they take.</summary>
    public bool HasSizedOutputs => ShownOutputs.Any() && ShownOutputs.All(output =>
        output.Member.IsInPlace && output.Member.Dimensions is { } shape && shape.All(dimension => dimension.Value is not null || dimension.Size is not null));

    public string FullName => Qualified(ClassName);

    /// <summary>File name of the source; a backslash of an escaped letter would be a directory.</summary>
    public string HintName => FullName.Replace('\\', '_').Replace("@", "") + ".g.cs";

    public string Qualified(string name) => Namespace.Length == 0 ? name : Namespace + "." + name;

    private int OpenSizes(TensorMember input) => input.Sizes.Count(name => CallSizes.Any(size => size.Name == name));

    /// <summary><c>DigitsResult</c> beside <c>DigitsPredictor</c>.</summary>
    private string TypeName(string end)
    {
        bool isUsual = ClassName.Length > Suffix.Length && ClassName.EndsWith(Suffix, StringComparison.Ordinal);
        return (isUsual ? ClassName.Substring(0, ClassName.Length - Suffix.Length) : ClassName.TrimStart('@')) + end;
    }

    private static IEnumerable<(TensorMember Member, int Index)> Numbered(EquatableArray<TensorMember> members) => members.Select((member, index) => (member, index));
}
